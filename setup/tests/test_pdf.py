"""Odoo's PDF functions work with the PDF library that is installed."""

import io

from reportlab.pdfgen.canvas import Canvas


def page(text):
    stream = io.BytesIO()
    canvas = Canvas(stream)
    canvas.drawString(100, 700, text)
    canvas.save()
    return stream.getvalue()


def test_files_are_merged():
    from odoo.tools.pdf import OdooPdfFileReader, merge_pdf

    merged = OdooPdfFileReader(io.BytesIO(merge_pdf([page("one"), page("two")])))
    assert [sheet.extract_text().strip() for sheet in merged.pages] == ["one", "two"]


def test_files_are_attached():
    """As an electronic invoice carries its data."""
    from odoo.tools.pdf import OdooPdfFileReader, OdooPdfFileWriter

    writer, written = OdooPdfFileWriter(), io.BytesIO()
    writer.cloneReaderDocumentRoot(OdooPdfFileReader(io.BytesIO(page("invoice"))))
    writer.addAttachment("data.xml", b"<data/>", subtype="text/xml")
    writer.write(written)
    read = OdooPdfFileReader(io.BytesIO(written.getvalue()), strict=False)
    assert list(read.getAttachments()) == [("data.xml", b"<data/>")]
