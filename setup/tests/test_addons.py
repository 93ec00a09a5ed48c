"""Which addons there are and what a database built of them depends on."""

from environment import addons


def write_addon(folder, name, depends=(), **files):
    (folder / name / "tests").mkdir(parents=True)
    manifest = {"name": name, "depends": list(depends)}
    (folder / name / "__manifest__.py").write_text(repr(manifest))
    for file, text in files.items():
        (folder / name / f"{file}.py").write_text(text)


def test_dependencies_come_first(tmp_path):
    write_addon(tmp_path, "ar_a", depends=["account", "ar_c"])
    write_addon(tmp_path, "ar_b", depends=["ar_a"])
    write_addon(tmp_path, "ar_c")
    assert addons.suite(tmp_path) == ["ar_c", "ar_a", "ar_b"]


def test_demo_company_is_no_part_of_the_suite(tmp_path):
    write_addon(tmp_path, "ar_a")
    assert not addons.has_demo(tmp_path)
    write_addon(tmp_path, "ar_demo", depends=["ar_a"])
    assert addons.has_demo(tmp_path)
    assert addons.suite(tmp_path) == ["ar_a"]


def test_addons_that_are_not_installable_are_left_out(tmp_path):
    write_addon(tmp_path, "ar_a")
    (tmp_path / "ar_a/__manifest__.py").write_text("{'installable': False}")
    assert addons.suite(tmp_path) == []


def test_fingerprint_follows_what_installation_reads(tmp_path):
    write_addon(tmp_path, "ar_a", models="x = 1")
    before = addons.fingerprint(["ar_a"], tmp_path)
    (tmp_path / "ar_a/tests/test_a.py").write_text("y = 1")
    (tmp_path / "ar_a/README.rst").write_text("words")
    assert addons.fingerprint(["ar_a"], tmp_path) == before
    (tmp_path / "ar_a/models.py").write_text("x = 2")
    assert addons.fingerprint(["ar_a"], tmp_path) != before
