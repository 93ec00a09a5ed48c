"""The translation templates hold the terms that the addons have today."""

import polib
import pytest
from environment import addons


@pytest.fixture(params=addons.suite())
def name(request):
    return request.param


@pytest.fixture
def registry():
    # Odoo can be imported only where its tests run, with a database at hand.
    from odoo.modules.registry import Registry
    from odoo.tests.common import get_db_name

    return Registry(get_db_name())


@pytest.fixture
def rows(registry, name):
    """What `odoo i18n export` writes for an addon: (kind, external id, term)."""
    from odoo.tools.translate import TranslationModuleReader

    with registry.cursor(readonly=True) as cr:
        reader = TranslationModuleReader(cr, modules=[name])
        return [(kind, xmlid, term) for _name, _type, kind, xmlid, term, *_ in reader]


def others_fields(registry, name):
    """External ids of fields that other addons, installed or not, put on our models."""
    return {
        f"{name}.field_{model._table}__{field.name}"
        for model in registry.values()
        for field in model._fields.values()
        if name not in field._modules
    }


def test_template_is_what_odoo_exports(registry, name, rows):
    path = addons.FOLDER / name / "i18n" / f"{name}.pot"
    written = {entry.msgid for entry in polib.pofile(path.read_text("utf-8"))}
    others = others_fields(registry, name)
    ours = {
        term
        for kind, xmlid, term in rows
        if xmlid not in others and kind != "ir.model,website_form_label"
    }
    missing, obsolete = ours - written, written - {term for *_, term in rows}
    advice = f"setup/odoo i18n export {name} -l pot -d DATABASE"
    assert not missing and not obsolete, f"{advice}: {missing=} {obsolete=}"
