"""Take one drawing out of the pages that are committed to be looked at: `make pictures`.

The pages are those of `journeysim experiment` and of `journeysim touchpoints`, in results/gallery;
the drawings go to docs/images.
"""

import re
import sys
from pathlib import Path

HERE = Path(__file__).parent
GALLERY, IMAGES = HERE.parent / "results" / "gallery", HERE / "images"
# Page, and how the label of the drawing begins.
DRAWINGS = {
    "touchpoints": "Incremental and credited shares",
    "funnel_vs_loop": "Regret over time",
    "acquisition_vs_retention": "Profit by retention share",
    "what_moves_the_split": "Optimal retention share: one parameter",
    "what_drives_profit": "Profit: ",
}
DRAWING = re.compile(r'<svg role="img" aria-label="(?P<label>[^"]*)".*?</svg>', re.DOTALL)


def main() -> int:
    """Write the drawings; 1, and one sentence, if one is not in its page."""
    for page_name, begins in DRAWINGS.items():
        page = (GALLERY / f"{page_name}.html").read_text(encoding="utf-8")
        found = next((d for d in DRAWING.finditer(page) if d["label"].startswith(begins)), None)
        if found is None:
            print(f"{page_name}.html has no drawing that begins with {begins!r}.", file=sys.stderr)
            return 1
        # white, because a drawing of a page has the page's background
        drawing = found[0].replace("<svg ", '<svg style="background:#fff" ', 1)
        target = IMAGES / f"{page_name}.svg"
        target.write_text(drawing + "\n", encoding="utf-8", newline="\n")
        print(target.relative_to(HERE.parent))
    return 0


if __name__ == "__main__":
    sys.exit(main())
