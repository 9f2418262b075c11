// The script of the overview: copies commands, and loads the page again while a run is in progress.
const RETRY = 1000; // milliseconds after which it is asked again whether the reader is busy
const PLACE = "landscape-overview-place"; // where the reader was, kept while the page loads again

document.documentElement.classList.add("has-script");
document.querySelectorAll("button.copy").forEach(listenCopy);

/** Whether the reader marks text or has just copied some: loading the page again would take it away. */
function busy() {
  return !getSelection().isCollapsed || document.querySelector(".announced")?.textContent === "selected";
}

/** The card at the top of the window, and how far its top is from the window's: cards above it may grow. */
function place() {
  const card = [...document.querySelectorAll(".run-card")].find((one) => one.getBoundingClientRect().bottom > 0);
  return { y: scrollY, card: card?.id ?? "", top: card?.getBoundingClientRect().top ?? 0, focus: focusOf() };
}

/** The card whose button or link has the keyboard, and its number among those of the card. */
function focusOf() {
  const card = document.activeElement?.closest?.(".run-card");
  return card ? [card.id, [...card.querySelectorAll("a, button")].indexOf(document.activeElement)] : null;
}

function restore() {
  let was;
  try {
    was = JSON.parse(sessionStorage.getItem(PLACE));
    sessionStorage.removeItem(PLACE);
  } catch {
    return;
  }
  if (!was) return;
  history.scrollRestoration = "manual";
  const card = was.y > 0 && document.getElementById(was.card);
  scrollTo({ top: card ? card.getBoundingClientRect().top + scrollY - was.top : was.y, behavior: "instant" });
  if (was.focus) document.getElementById(was.focus[0])?.querySelectorAll("a, button")[was.focus[1]]?.focus({ preventScroll: true });
}

function again() {
  if (busy()) return void setTimeout(again, RETRY);
  try {
    sessionStorage.setItem(PLACE, JSON.stringify(place()));
  } catch {
    // Without storage the browser restores the place itself.
  }
  location.reload();
}

restore();
if (document.body.dataset.seconds) setTimeout(again, 1000 * Number(document.body.dataset.seconds));
