"""The translation templates hold the terms that the addons have today."""

import polib
import pytest
from environment import addons


@pytest.fixture(params=addons.suite())
def name(request):
    return request.param


@pytest.fixture
def exported(name):
    """The terms that `odoo i18n export` writes for an addon."""
    # Odoo can be imported only where its tests run, with a database at hand.
    from odoo.modules.registry import Registry
    from odoo.tests.common import get_db_name
    from odoo.tools.translate import TranslationModuleReader

    with Registry(get_db_name()).cursor(readonly=True) as cr:
        reader = TranslationModuleReader(cr, modules=[name])
        return {source for _module, _type, _name, _id, source, *_ in reader}


def test_template_is_what_odoo_exports(name, exported):
    path = addons.FOLDER / name / "i18n" / f"{name}.pot"
    written = {entry.msgid for entry in polib.pofile(path.read_text("utf-8"))}
    missing, obsolete = exported - written, written - exported
    advice = f"setup/odoo i18n export {name} -l pot -d DATABASE"
    assert not missing and not obsolete, f"{advice}: {missing=} {obsolete=}"
