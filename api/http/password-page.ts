import express, { type Router } from 'express';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <link rel="icon" href="data:,">
    <meta name="referrer" content="no-referrer">
    <title>mpanel: choose a password</title>
  </head>
  <body>
    <h1>Choose a password</h1>
    <form id="choose">
      <p><label>New password, at least 10 characters
        <input name="password" type="password" autocomplete="new-password" minlength="10" maxlength="1024" required></label></p>
      <p><button>Save</button></p>
    </form>
    <p id="answer" role="status"></p>
    <script src="/password/page.js"></script>
  </body>
</html>
`;

// In a file of its own: the content security policy allows no inline script.
const SCRIPT = `const answer = document.getElementById('answer');
const form = document.getElementById('choose');
if (!location.hash.slice(1)) {
  form.hidden = true;
  answer.textContent = 'This link is not whole: open it as it stands in the mail.';
}
form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { password } = Object.fromEntries(new FormData(form));
  const response = await fetch('/api/auth/password/reset', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: location.hash.slice(1), password }),
  });
  answer.textContent = response.ok ? 'Saved. You can sign in with it now.' : (await response.json()).error.message;
  if (response.ok) form.hidden = true;
});
`;

/** Where a mailed link leads while there is no panel of one's own to lead it to. */
export function servePasswordPage(): Router {
  const router = express.Router();
  router.get('/', (_req, res) => {
    res.type('html').send(PAGE);
  });
  router.get('/page.js', (_req, res) => {
    res.type('js').send(SCRIPT);
  });
  return router;
}
