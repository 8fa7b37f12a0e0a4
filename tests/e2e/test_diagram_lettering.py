"""State diagrams in a real browser, whose fonts are not the ones that the layout was measured with."""

import pytest

from ops.workflow.diagram import draw
from tests.workflow.diagram_samples import WORKFLOWS

FONTS = [
    "",
    ".diagram { font-family: 'DejaVu Sans', Verdana !important }",
    ".diagram { font-family: serif !important }",
]

# Every text that leaves its state, and every pair of texts that meet; the line box of a text is higher than its
# letters, therefore the two pixels.
OVERLAPS = """() => {
  const place = (element) => element.getBBox();
  const found = [];
  for (const state of document.querySelectorAll('.diagram-state')) {
    const box = place(state.querySelector('.diagram-box'));
    for (const text of state.querySelectorAll('text')) {
      const { x, y, width, height } = place(text);
      if (x < box.x || x + width > box.x + box.width || y < box.y || y + height > box.y + box.height)
        found.push(`${text.textContent} leaves its state`);
    }
  }
  const texts = [...document.querySelectorAll('text')].map((text) => [text.textContent, place(text)]);
  texts.forEach(([words, a], n) => texts.slice(n + 1).forEach(([others, b]) => {
    if (a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height - 2 && b.y < a.y + a.height - 2)
      found.push(`${words} meets ${others}`);
  }));
  return [texts.length, found];
}"""


@pytest.mark.parametrize("font", FONTS, ids=["own font", "widest font", "serif"])
@pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS.keys())
def test_words_stay_in_their_place_with_the_fonts_of_the_reader(page, workflow, font):
    page.set_content(f"{draw(*workflow, title='Life', standalone=True)}<style>{font}</style>")
    number, overlaps = page.evaluate(OVERLAPS)
    assert number > len(workflow[0])
    assert overlaps == []
