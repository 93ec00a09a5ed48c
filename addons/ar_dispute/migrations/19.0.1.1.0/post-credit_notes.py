def migrate(cr, version):
    """Say of items that were credited before by which note: else what is credited
    already would be due again."""
    cr.execute(
        """
        UPDATE ar_dispute_line line
           SET credit_note_id = note.id
          FROM account_move note
         WHERE note.ar_dispute_id = line.dispute_id
           AND note.reversed_entry_id = line.move_id
           AND note.state != 'cancel'
           AND line.credit_note_id IS NULL
           AND NOT line.is_open
        """
    )
