// The wizard in a real browser: records of running connectors, keys made and loaded in the page, what
// both sides derive, and every way in which a host can be wrong.
import assert from 'node:assert/strict';
import { createHash, createHmac, createPrivateKey, createPublicKey, diffieHellman } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { openPage, serve, serveSite, startBrowser, startDemo } from './harness.mjs';

const PUBLIC_KEY = 'https://interledger.org/rel/publicKey';
const RPC = 'https://interledger.org/rel/peersRpcUri';

let demo;
let browser;
let files;
before(async () => {
  [demo, browser, files] = await Promise.all([startDemo(), startBrowser(), serveSite()]);
});
after(async () => {
  await browser?.close();
  await files?.stop();
  await demo?.stop();
});

/** The wizard on a page, and everything that the page sends. */
async function openWizard(url) {
  const opened = await openPage(browser, `${url}#/peer`, { viewport: { width: 1280, height: 900 } });
  const sent = [];
  opened.context.on('request', (request) => {
    sent.push(`${request.method()} ${request.url()} ${JSON.stringify(request.headers())} ${request.postData() ?? ''}`);
  });
  await opened.page.getByTestId('their-host').waitFor();
  // Behind a connector its own key is the first choice; most of these tests load one into the tab.
  if (url === demo.dashboard) await opened.page.getByTestId('keeper-tab').click();
  return { ...opened, sent };
}

async function lookUp(page, side, host) {
  await page.getByTestId(`${side}-host`).fill(host);
  await page.getByTestId(`${side}-host-look-up`).click();
}

async function load(page, secret) {
  await page.getByTestId('my-secret').fill(secret);
  await page.getByTestId('load-secret').click();
}

/** What a problem says, without its hint and code. */
const problem = (page, code) => page.locator(`[data-code=${code}]`).evaluate((said) => said.firstChild.textContent);
const fact = (page, name) => page.getByTestId(`fact-${name}`).innerText();

/** Everything that the wizard's fields hold. */
async function typed(page) {
  const fields = ['my-host', 'their-host', 'currency', 'scale', 'limit'];
  const values = await Promise.all(fields.map((field) => page.getByTestId(field).inputValue()));
  return Object.fromEntries(fields.map((field, index) => [field, values[index]]));
}

/** What one side makes of its secret and the other's key, by the 2017 recipe and Node's own primitives. */
function derive(secret, peerKey) {
  const der = (head, bytes) => Buffer.concat([Buffer.from(head, 'hex'), bytes]);
  const hmac = (key, text) => createHmac('sha256', key).update(text).digest();
  const scalar = createHash('sha256').update(Buffer.from(secret, 'base64url')).digest();
  const privateKey = createPrivateKey({ key: der('302e020100300506032b656e04220420', scalar), format: 'der', type: 'pkcs8' });
  const publicKey = createPublicKey({
    key: der('302a300506032b656e032100', Buffer.from(peerKey, 'base64url')),
    format: 'der',
    type: 'spki',
  });
  const shared = diffieHellman({ privateKey, publicKey });
  const own = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  return {
    publicKey: own.toString('base64url'),
    name: hmac(shared, 'token').toString('base64url').slice(0, 5),
    token: hmac(shared, 'authorization').toString('base64url'),
  };
}

/** What a connector of the demo network publishes. */
async function recordOf(name) {
  const { url } = demo.connectors[name];
  return (await fetch(`${url}/.well-known/webfinger?resource=${url}`)).json();
}

/** A host that answers to WebFinger as `answer` says, to pages of every origin unless `open` is false. */
function host(answer, { open = true, status = 200, type = 'application/json' } = {}) {
  return serve((request, response) => {
    const body = answer(`http://${request.headers.host}`);
    const headers = { 'content-type': type, ...(open && { 'access-control-allow-origin': '*' }) };
    response.writeHead(status, headers).end(typeof body === 'string' ? body : JSON.stringify(body));
  });
}

/** The record of birch under the name of another host. */
async function borrowed() {
  const record = await recordOf('birch');
  return (url) => ({ ...record, subject: url });
}

describe('with the connector behind the page', () => {
  test('with its own secret loaded, the page derives what its server did, and says so', async () => {
    const { context, page, troubles, sent } = await openWizard(demo.dashboard);
    const { birch } = demo.connectors;
    const secret = demo.secret('alder');
    await lookUp(page, 'their', birch.url);
    await page.getByTestId('record-theirs').waitFor();
    assert.equal(await page.getByTestId('record-theirs-badge').innerText(), 'fetched');
    assert.match(await page.getByTestId('record-theirs').innerText(), /Birch/);
    await load(page, secret);
    await page.getByTestId('verdict').waitFor();
    assert.equal(
      await page.getByTestId('verdict').innerText(),
      'All six facts and both accounts equal what your connector derived.',
    );

    const { peers } = await demo.get('peers');
    const peer = peers.find((known) => known.rpc_uri.startsWith(birch.url));
    assert.deepEqual(
      {
        version: await fact(page, 'version'),
        endpoint: await fact(page, 'endpoint'),
        prefix: await fact(page, 'prefix'),
        code: await fact(page, 'code'),
        scale: await fact(page, 'scale'),
        account: await fact(page, 'account'),
        peer_account: await fact(page, 'peer_account'),
      },
      {
        version: peer.protocol_version,
        endpoint: peer.rpc_uri,
        prefix: peer.prefix,
        code: peer.currency,
        scale: String(peer.scale),
        account: peer.account,
        peer_account: peer.peer_account,
      },
    );
    assert.equal(await page.locator('.mark-good').count(), 8, 'six facts and two accounts are marked as equal');
    assert.equal(await page.locator('.mark-bad').count(), 0);

    const birchKey = (await recordOf('birch')).properties[PUBLIC_KEY];
    const { token } = derive(secret, birchKey);
    assert.doesNotMatch(await page.content(), new RegExp(token), 'the token is hidden at first');
    await page.getByTestId('reveal-token').click();
    assert.equal(await fact(page, 'token'), token);
    const fingerprint = createHash('sha256').update(token).digest('base64url').slice(0, 12);
    assert.equal(fingerprint, peer.token_fingerprint);

    // Neither the secret nor the token is anywhere but in this tab's memory.
    await page.getByTestId('my-host-look-up').click();
    await page.getByTestId('own-record-ok').waitFor();
    const kept = await page.evaluate(async () =>
      JSON.stringify([
        location.href,
        document.cookie,
        { ...localStorage },
        { ...sessionStorage },
        (await indexedDB.databases()).map((database) => database.name),
        await caches.keys(),
        history.state,
      ]),
    );
    // The files of the app are kept, and nothing else.
    assert.match(kept, /,\{\},\{\},\[\],\["c2c-app"\],null\]$/, 'nothing is stored');
    assert.ok(sent.length > 0);
    for (const text of [kept, await page.content(), ...sent]) assert.ok(!text.includes(secret), 'the secret got out');
    for (const text of [kept, ...sent]) assert.ok(!text.includes(token), 'the token got out');
    assert.deepEqual(troubles, []);
    await context.close();
  });

  test('other terms than the server has are told apart, fact by fact', async () => {
    const { context, page } = await openWizard(demo.dashboard);
    await lookUp(page, 'their', demo.connectors.cedar.url);
    await load(page, demo.secret('alder'));
    await page.getByTestId('verdict').filter({ hasText: 'All six facts' }).waitFor();
    await page.getByTestId('scale').fill('6');
    await page.getByTestId('verdict').filter({ hasText: 'Not equal to what your connector has' }).waitFor();
    const verdict = await page.getByTestId('verdict').innerText();
    assert.equal(
      verdict,
      'Not equal to what your connector has: ledger prefix, currency scale, your account, their account.',
    );
    assert.equal(await page.locator('.mark-bad').count(), 4);
    await context.close();
  });

  test('another secret than the connector’s is named as such', async () => {
    const { context, page } = await openWizard(demo.dashboard);
    await lookUp(page, 'their', demo.connectors.birch.url);
    await load(page, demo.secret('cedar'));
    await page.getByTestId('verdict').filter({ hasText: 'Load the connector\'s own secret' }).waitFor();
    await page.getByTestId('my-host-look-up').click();
    const { public_key: shown } = await demo.get('identity');
    const made = derive(demo.secret('cedar'), shown).publicKey;
    assert.equal(
      await problem(page, 'OWN_KEY'),
      `Your record shows ${shown}; this secret makes ${made}. Load the right secret or republish.`,
    );
    await context.close();
  });

  test('a host that lets no page read it is looked up by the connector', async () => {
    const closed = await host(await borrowed(), { open: false });
    const { context, page } = await openWizard(demo.dashboard);
    await lookUp(page, 'their', closed.url);
    await page.getByTestId('record-theirs').waitFor();
    assert.equal(await page.getByTestId('record-theirs-badge').innerText(), 'through your connector');
    await context.close();
    await closed.stop();
  });

  test('the connector’s own host is no peer', async () => {
    const { context, page } = await openWizard(demo.dashboard);
    await page.getByTestId('their-host').fill(demo.dashboard);
    await page.getByTestId('limit').fill('100');
    await page.getByTestId('limit').blur();
    assert.equal(await problem(page, 'HOST_SELF'), 'That is your own host. Enter your peer\'s.');
    assert.equal((await typed(page)).limit, '100');
    await context.close();
  });
});

describe('as plain files', () => {
  test('a key made in the page peers with a connector that runs', async () => {
    const { context, page, sent } = await openWizard(files.page);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const { birch } = demo.connectors;
    await page.getByTestId('generate-secret').click();
    const shown = await page.getByTestId('my-public-key').innerText();
    await page.getByTestId('unsaved-secret').getByRole('button', { name: 'Copy the secret' }).click();
    await page.getByTestId('unsaved-secret').waitFor({ state: 'detached' });
    const secret = await page.evaluate(() => navigator.clipboard.readText());
    assert.equal(Buffer.from(secret, 'base64url').length, 32);

    await lookUp(page, 'their', birch.url);
    const birchKey = (await recordOf('birch')).properties[PUBLIC_KEY];
    const mine = derive(secret, birchKey);
    const theirs = derive(demo.secret('birch'), mine.publicKey);
    assert.equal(shown, mine.publicKey);
    assert.deepEqual([mine.name, mine.token], [theirs.name, theirs.token], 'both sides come to the same');
    assert.equal(await fact(page, 'prefix'), `peer.${mine.name}.usd.9.`);
    assert.equal(await fact(page, 'account'), `peer.${mine.name}.usd.9.${mine.publicKey}`);
    assert.equal(await fact(page, 'peer_account'), `peer.${mine.name}.usd.9.${birchKey}`);
    await page.getByTestId('reveal-token').click();
    assert.equal(await fact(page, 'token'), mine.token);
    await page.getByTestId('currency').fill('eur');
    assert.equal(await fact(page, 'prefix'), `peer.${mine.name}.eur.9.`);
    for (const text of [await page.content(), ...sent]) assert.ok(!text.includes(secret), 'the secret got out');
    await context.close();
  });

  test('a record of an ilp-kit is read, and its traps are told', async () => {
    const record = await recordOf('birch');
    const kit = await host((url) => ({
      subject: url,
      properties: {
        'https://interledger.org/rel/protocolVersion': 'Compatible: ilp-kit v2.0.0-alpha',
        [PUBLIC_KEY]: record.properties[PUBLIC_KEY],
      },
      links: [
        { rel: 'https://interledger.org/rel/ledgerUri', href: `${url}/ledger` },
        { rel: RPC, href: `${url}/api/peers/rpc` },
      ],
    }));
    const { context, page } = await openWizard(files.page);
    await lookUp(page, 'their', kit.url);
    await load(page, demo.secret('alder'));
    assert.equal(await fact(page, 'endpoint'), `${kit.url}/api/peers/rpc`);
    assert.equal(await fact(page, 'version'), 'Compatible: ilp-kit v2.0.0-alpha');
    await page.getByTestId('scale').fill('6');
    await page.getByText('Your peer is an ilp-kit. Its form sends scale 9').waitFor();
    await context.close();
    await kit.stop();
  });

  test('a record that the browser may not read is pasted', async () => {
    const record = await borrowed();
    const closed = await host(record, { open: false });
    const { context, page } = await openWizard(files.page);
    await lookUp(page, 'their', closed.url);
    assert.equal(
      await problem(page, 'WF_CORS'),
      `${closed.host} is up but blocks browsers. Use your server's lookup, or open the record and paste it.`,
    );
    const link = page.getByRole('link', { name: 'Open record' });
    assert.equal(await link.getAttribute('href'), `${closed.url}/.well-known/webfinger?resource=https://${closed.host}`);

    // Half a record is refused; it stays in the box, to be mended.
    const text = JSON.stringify(record(closed.url), null, 2);
    await page.getByTestId('paste-theirs').fill(text.slice(0, 40));
    await page.getByTestId('paste-theirs-use').click();
    await page.locator('[data-code=WF_NOT_JSON]').waitFor();
    assert.equal(await page.getByTestId('paste-theirs').inputValue(), text.slice(0, 40));

    await page.getByTestId('paste-theirs').fill(text);
    await page.getByTestId('paste-theirs-use').click();
    assert.equal(await page.getByTestId('record-theirs-badge').innerText(), 'pasted');
    await load(page, demo.secret('alder'));
    const { name } = derive(demo.secret('alder'), record('').properties[PUBLIC_KEY]);
    assert.equal(await fact(page, 'prefix'), `peer.${name}.usd.9.`);
    await context.close();
    await closed.stop();
  });

  describe('a host that is wrong is told so, and nothing that was typed is lost', () => {
    const FILLED = { 'my-host': 'wallet1.com', currency: 'EUR', scale: '6', limit: '12.5' };
    let sound;
    before(async () => {
      sound = await borrowed();
    });

    /** Fills everything, looks `wrong` up, and reads what is said under `code`. */
    async function told(wrong, code) {
      const { context, page, troubles } = await openWizard(files.page);
      for (const [field, value] of Object.entries(FILLED)) await page.getByTestId(field).fill(value);
      await load(page, demo.secret('alder'));
      await lookUp(page, 'their', wrong.url);
      const said = await problem(page, code);
      assert.deepEqual(await typed(page), { ...FILLED, 'their-host': wrong.url });
      assert.equal(await page.getByTestId('secret-held').count(), 1, 'the secret is still there');
      assert.equal(await page.getByTestId('six-facts').count(), 0, 'nothing is derived from it');
      assert.match(await page.getByTestId('facts-missing').innerText(), /your peer's record/);

      // The cure is to try again, with a host that is right: no reload, nothing to enter twice.
      await lookUp(page, 'their', demo.connectors.birch.url);
      await page.getByTestId('six-facts').waitFor();
      assert.equal(await page.locator('[role=alert]:not(:empty)').count(), 0, 'the problem is gone');
      assert.deepEqual(troubles.filter((trouble) => trouble.startsWith('uncaught')), []);
      await context.close();
      return said;
    }

    const cases = [
      ['WF_STATUS', () => 'no', { status: 503 }, (h) => `${h} answered 503 to WebFinger. Ask its operator to route /.well-known/webfinger to the connector.`],
      ['WF_NOT_JSON', () => '<!doctype html><h1>Welcome</h1>', { type: 'text/html' }, (h) => `${h} sent a web page, not a record. A proxy probably catches /.well-known; ask its operator.`],
      ['WF_NO_KEY', (url) => ({ ...sound(url), properties: {} }), {}, (h) => `${h} speaks WebFinger but publishes no connector key. Peer manually instead.`],
      ['WF_BAD_KEY', (url) => ({ ...sound(url), properties: { [PUBLIC_KEY]: Buffer.alloc(31, 7).toString('base64url') } }), {}, () => 'The published key is 31 bytes, not 32 (or unsafe). Do not continue; tell its operator.'],
      ['WF_BAD_KEY', (url) => ({ ...sound(url), properties: { [PUBLIC_KEY]: Buffer.alloc(32).toString('base64url') } }), {}, () => 'The published key is 32 bytes but unsafe. Do not continue; tell its operator.'],
      ['WF_SUBJECT', () => sound('https://wallet9.com'), {}, (h) => `The record is about wallet9.com, not ${h}. Peer with wallet9.com, or ask why.`],
      ['WF_NO_RPC', (url) => ({ ...sound(url), links: [] }), {}, (h) => `${h} publishes no https RPC link. Ask its operator, or peer manually.`],
      ['WF_NO_RPC', (url) => ({ ...sound(url), links: [{ rel: RPC, href: 'http://wallet9.com/rpc' }] }), {}, (h) => `${h} publishes no https RPC link. Ask its operator, or peer manually.`],
    ];
    for (const [index, [code, answer, options, text]] of cases.entries()) {
      test(`${code} (${index + 1})`, async () => {
        const wrong = await host((url) => answer(url), options);
        assert.equal(await told(wrong, code), text(wrong.host));
        await wrong.stop();
      });
    }

    test('WF_UNREACHABLE', async () => {
      const gone = await serve(() => {});
      await gone.stop();
      const text = `No answer from ${gone.host}. Check spelling and that the host is up, then retry.`;
      assert.equal(await told(gone, 'WF_UNREACHABLE'), text);
    });
  });

  test('what is typed wrong is told in the field, and stays there', async () => {
    const { context, page, sent } = await openWizard(files.page);
    const asked = sent.length;
    const says = async (field, text, code, message) => {
      await page.getByTestId(field).fill(text);
      await page.getByTestId(field).blur();
      assert.equal(await problem(page, code), message);
      assert.equal(await page.getByTestId(field).inputValue(), text);
      assert.equal(await page.getByTestId(field).getAttribute('aria-invalid'), 'true');
      const described = await page.getByTestId(field).getAttribute('aria-describedby');
      assert.equal(await page.locator(`#${described}`).getAttribute('data-code'), code, 'the field points to it');
    };
    await says('their-host', 'not a host', 'HOST_SYNTAX', '"not a host" is not a hostname. Enter only the name, such as wallet2.com.');
    await page.getByTestId('my-host').fill('wallet1.com');
    await says('their-host', 'https://Wallet1.com/', 'HOST_SELF', 'That is your own host. Enter your peer\'s.');
    await says('currency', 'US$', 'CODE_FORMAT', '"US$" cannot go into an address. Use letters or digits, such as USD.');
    await page.getByTestId('currency').fill('USD');
    await says('scale', '19', 'SCALE_RANGE', 'Scale counts decimals: a whole number from 0 to 18. Most use 9.');
    await page.getByTestId('scale').fill('2');
    await says('limit', '1.234', 'LIMIT_DECIMALS', '1.234 has 3 decimals, more than scale 2 allows. Shorten it or raise the scale.');
    await page.getByTestId('scale').fill('18');
    await says('limit', '100', 'LIMIT_HUGE', '100 at scale 18 exceeds 64 bits. Lower either.');
    await page.getByTestId('scale').fill('9');
    assert.equal(await page.locator('[data-code=LIMIT_HUGE]').count(), 0);
    assert.match(await page.getByTestId('terms-sentence').innerText(), /^They may owe you up to 100 USD \(100000000000 units\)/);

    await page.getByTestId('their-host').fill('https://wallet2.com/peers?x=1');
    await page.getByTestId('their-host').blur();
    await page.getByText('Read as wallet2.com; left off https:// and /peers?x=1.').waitFor();

    await load(page, 'abc!def');
    assert.equal(await problem(page, 'SECRET_FORMAT'), 'Character ! at position 4 is not base64url. Copy the secret again.');
    assert.equal(await page.getByTestId('my-secret').inputValue(), 'abc!def', 'it can be mended');
    await load(page, demo.secret('alder'));
    await page.getByTestId('secret-held').waitFor();
    assert.deepEqual(await typed(page), {
      'my-host': 'wallet1.com',
      'their-host': 'https://wallet2.com/peers?x=1',
      currency: 'USD',
      scale: '9',
      limit: '100',
    });
    // The app's own files are kept for later, whenever the browser comes to it.
    const others = sent.slice(asked).filter((text) => !text.startsWith(`GET ${files.page}`) || text.includes('/api/'));
    assert.deepEqual(others, [], 'nobody was asked anything');
    await context.close();
  });
});
