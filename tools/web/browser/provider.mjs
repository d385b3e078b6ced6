// A provider of OpenID Connect for the page's tests: whoever comes says who they are.
import { createSign, generateKeyPairSync, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';

const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const base64url = (v) => Buffer.from(JSON.stringify(v)).toString('base64url');

/** @returns its url, and what ends it */
export async function startProvider() {
  const asked = new Map();
  const server = createServer((req, res) => {
    const at = new URL(req.url, url), json = (v) => res.setHeader('Content-Type', 'application/json').end(JSON.stringify(v));
    switch (at.pathname) {
      case '/.well-known/openid-configuration':
        return json({ issuer: url, authorization_endpoint: `${url}/authorize`, token_endpoint: `${url}/token`, jwks_uri: `${url}/keys`, id_token_signing_alg_values_supported: ['RS256'] });
      case '/keys': return json({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'k', alg: 'RS256', use: 'sig' }] });
      case '/authorize': return authorize(at.searchParams, res);
      case '/token': return read(req).then((form) => json({ access_token: 'x', token_type: 'Bearer', id_token: identity(form.get('code')) }));
    }
    res.writeHead(204).end(); // the browser asks for an icon
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${server.address().port}`;

  /** The page where a player logs in, as one of three, or does not. */
  function authorize(query, res) {
    const back = (more) => `${query.get('redirect_uri')}?${new URLSearchParams({ state: query.get('state'), ...more })}`;
    const links = ['Grace', 'Gus', 'Hedy'].map((name) => {
      const code = randomUUID();
      asked.set(code, { name, sub: name, aud: query.get('client_id'), nonce: query.get('nonce') });
      return `<p><a href="${back({ code })}">I am ${name}</a>`;
    });
    res.setHeader('Content-Type', 'text/html').end(`<!doctype html><link rel="icon" href="data:,">${links.join('')}<p><a href="${back({ error: 'access_denied' })}">No</a>`);
  }

  function identity(code) {
    const now = Math.floor(Date.now() / 1000);
    const text = `${base64url({ alg: 'RS256', kid: 'k' })}.${base64url({ iss: url, iat: now, exp: now + 600, ...asked.get(code) })}`;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(privateKey, 'base64url')}`;
  }

  return { url, close: () => server.close() };
}

async function read(req) {
  let body = '';
  for await (const piece of req) body += piece;
  return new URLSearchParams(body);
}
