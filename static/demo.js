// Sends the signed answer on to the site at once. Without it, the form's button does.
document.getElementById("answer").submit();
