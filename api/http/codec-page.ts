import express, { type Router } from 'express';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <link rel="icon" href="data:,">
    <title>mpanel: payloads in the Temporal UI</title>
  </head>
  <body>
    <h1>Payloads in the Temporal UI</h1>
    <p>Sign in as an administrator of the platform. For eight hours this browser then shows workflows' payloads in clear.</p>
    <form id="sign-in">
      <p><label>E-mail <input name="email" type="email" autocomplete="username"></label></p>
      <p><label>Password <input name="password" type="password" autocomplete="current-password"></label></p>
      <p>or <label>Access token <input name="token" type="password" autocomplete="off"></label></p>
      <p><button>Sign in</button> <button type="button" id="sign-out">Sign out</button></p>
    </form>
    <p id="answer" role="status"></p>
    <p>The UI that <code>npm start</code> brings has to be told once per browser: its glasses symbol, <em>Use my browser
      setting</em>, the endpoint as it stands there, <em>Include cross-origin credentials</em>.</p>
    <script src="/codec/page.js"></script>
  </body>
</html>
`;

// In a file of its own: the content security policy allows no inline script.
const SCRIPT = `const answer = document.getElementById('answer');
async function accessToken({ email, password, token }) {
  if (token) return token;
  const response = await fetch('/api/auth/login', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  });
  const body = await response.json();
  if (!body.token) throw new Error(body.error?.message ?? 'This login needs more than a password: paste an access token.');
  return body.token;
}
document.getElementById('sign-in').addEventListener('submit', async (event) => {
  event.preventDefault();
  try {
    const token = await accessToken(Object.fromEntries(new FormData(event.target)));
    const { status } = await fetch('/codec/session', { method: 'POST', headers: { authorization: 'Bearer ' + token } });
    event.target.reset();
    answer.textContent = status === 204 ? 'Signed in. Load the Temporal UI again.' : 'Only administrators of the platform.';
  } catch (error) {
    answer.textContent = error.message;
  }
});
document.getElementById('sign-out').addEventListener('click', async () => {
  await fetch('/codec/session', { method: 'DELETE' });
  answer.textContent = 'Signed out.';
});
`;

/** Where an operator's browser is given the right to have payloads decoded. */
export function serveCodecPage(): Router {
  const router = express.Router();
  router.get('/', (_req, res) => {
    res.type('html').send(PAGE);
  });
  router.get('/page.js', (_req, res) => {
    res.type('js').send(SCRIPT);
  });
  return router;
}
