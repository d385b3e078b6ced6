document.body.textContent = 'Soon.';
