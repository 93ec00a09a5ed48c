def uninstall_hook(env):
    """Steps by this channel go with it; what was sent by it stays with its reminder."""
    env.cr.execute(
        """DELETE FROM ar_dunning_step_channel WHERE channel = 'snailmail';
           DELETE FROM ar_dunning_message WHERE channel = 'snailmail';
           UPDATE ar_dunning_reminder SET channel = 'letter'
            WHERE channel = 'snailmail';"""
    )
    env.invalidate_all(flush=False)
