// Buttons that copy the text beside them: commands, Python, citations.
const SAID_FOR = 1600; // milliseconds for which a button says what it did

/** Lets a button copy the text of its box. Where the browser forbids it, as in a notebook, the text is selected. */
export function listenCopy(button) {
  const text = button.closest(".copyable").querySelector("code");
  const words = button.textContent;
  button.addEventListener("click", async () => {
    let said = "copied";
    try {
      await navigator.clipboard.writeText(text.textContent);
    } catch {
      getSelection().selectAllChildren(text);
      said = "selected";
    }
    button.textContent = said;
    announce(said);
    setTimeout(() => (button.textContent = words), SAID_FOR);
  });
}

/** Says a word to readers who do not see the page. */
function announce(word) {
  let place = document.querySelector(".announced");
  if (!place) {
    place = document.createElement("p");
    place.className = "announced unseen";
    place.setAttribute("role", "status");
    document.querySelector("main").append(place);
  }
  place.textContent = word;
}
