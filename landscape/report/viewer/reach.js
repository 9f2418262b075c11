// Boxes that scroll sideways can be reached with the keyboard, and only these, so that nobody tabs through pictures at rest.

/** Lets the keyboard reach each box while what it holds is wider than it. */
export function watchReach(boxes) {
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) {
      if (target.scrollWidth > target.clientWidth) target.tabIndex = 0;
      else target.removeAttribute("tabindex");
    }
  });
  boxes.forEach((box) => sizes.observe(box));
}
