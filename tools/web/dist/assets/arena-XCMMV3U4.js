document.body.textContent="Soon.";
