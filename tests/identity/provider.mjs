// A certified OpenID provider (npm `oidc-provider`) on a loopback port, for the tests that sign in by one.
// `node provider.mjs '{"port": …, "clients": […]}'`; anybody signs in with any name, which becomes the subject.
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';

const resolve = createRequire(new URL('../../frontend/package.json', import.meta.url)).resolve;
const { default: Provider } = await import(pathToFileURL(resolve('oidc-provider')).href);
const { port, clients } = JSON.parse(process.argv[2]);

const provider = new Provider(`http://127.0.0.1:${port}`, {
  clients,
  pkce: { required: () => true },
  scopes: ['openid'],
  // Every account claims one and the same address: nobody may be found by it.
  claims: { openid: ['sub', 'email', 'email_verified'] },
  conformIdTokenClaims: false,
  findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, email: 'therapist@demo.consilium', email_verified: true }) }),
  ttl: { IdToken: 300, AccessToken: 300, AuthorizationCode: 60, Interaction: 600, Session: 600, Grant: 600 },
  cookies: { keys: ['for tests alone'] },
});
provider.listen(port, '127.0.0.1', () => console.log('ready'));
