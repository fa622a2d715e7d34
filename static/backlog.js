// Demo Backlog: loads the page anew as soon as it is no longer what the app knows.
const version = document.getElementById("page").dataset.version;

async function follow() {
  try {
    const answer = await fetch(`/news?${version}`);
    if ((await answer.text()) !== version) {
      location.reload();
      return;
    }
  } catch {
    await new Promise((resolve) => setTimeout(resolve, 2000));
  }
  follow();
}

follow();
