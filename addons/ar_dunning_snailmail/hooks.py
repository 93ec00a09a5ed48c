def uninstall_hook(env):
    """Letters are printed and posted by hand again, those that wait included."""
    env["ar.dunning.reminder"].sudo()._retire_channel("snailmail", "letter")
