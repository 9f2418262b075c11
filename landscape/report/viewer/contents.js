// The contents: the link of the section that is being read is marked, and the menu closes when a place is chosen.
const READ_FROM = "-15% 0px -75% 0px"; // a section is being read while it crosses this band of the window

/** Marks the link of the section that is being read, in every list of links. */
export function watchContents() {
  const links = [...document.querySelectorAll(".contents a")];
  const mark = (id) => {
    for (const link of links) {
      if (addressOf(link.hash) === id) link.setAttribute("aria-current", "true");
      else link.removeAttribute("aria-current");
    }
  };
  const seen = new IntersectionObserver(
    (entries) => entries.filter(({ isIntersecting }) => isIntersecting).forEach(({ target }) => mark(target.id)),
    { rootMargin: READ_FROM },
  );
  for (const id of new Set(links.map((link) => addressOf(link.hash)))) {
    const place = document.getElementById(id);
    if (place) seen.observe(place);
  }
  const menu = document.querySelector(".contents .menu");
  menu?.addEventListener("click", ({ target }) => {
    if (target.closest("a")) menu.open = false;
  });
  openPlace();
  addEventListener("hashchange", openPlace);
}

/** What follows the # of an address, with the letters that a browser writes as %C3; "" if it is none. */
export function addressOf(hash) {
  try {
    return decodeURIComponent(hash.slice(1));
  } catch {
    return "";
  }
}

/** Opens the tab and the folded list that the address leads to. */
function openPlace() {
  const [id] = addressOf(location.hash).split("?"); // what follows describes a view of the panel
  const place = id && document.getElementById(id);
  const tab = place && document.getElementById(`${place.closest(".tabs > section")?.id}-tab`);
  if (tab && !tab.checked) {
    tab.checked = true;
    place.scrollIntoView();
  }
  if (place instanceof HTMLDetailsElement) place.open = true;
  else if (place?.closest?.("details")) place.closest("details").open = true;
}
