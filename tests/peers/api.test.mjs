// Toxiproxy's API by raw HTTP: what its clients in every language rely on, row by row.
import assert from 'node:assert/strict';
import net from 'node:net';
import { after, before, beforeEach, test } from 'node:test';

import { Client, Echo, Program, run, temporaryFile, waitFor } from './support.mjs';

let program;
let echo;

before(async () => {
  program = await Program.start();
  echo = await Echo.start();
});
after(async () => {
  assert.equal(await program.stop(), 0);
  await echo.stop();
});
beforeEach(async () => {
  const all = await program.json('GET', '/proxies');
  for (const name of Object.keys(all.json)) {
    await program.request('DELETE', `/proxies/${encodeURIComponent(name)}`);
  }
});

const make = async (name = 'p', more = {}) => {
  const made = await program.json('POST', '/proxies',
    { name, listen: 'localhost:0', upstream: echo.address, ...more });
  assert.equal(made.status, 201, made.body);
  return made.json;
};
const addToxic = (body, name = 'p') => program.json('POST', `/proxies/${name}/toxics`, body);
const assertError = (answer, status, text) => {
  assert.equal(answer.status, status, answer.body);
  assert.equal(answer.body, `${JSON.stringify({ error: text, status })}\n`);
  assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
  assert.equal(answer.headers['x-content-type-options'], 'nosniff');
};

test('transport: types, request ids, and what an error looks like', async () => {
  await make();
  for (const [method, path, body] of [['GET', '/proxies'], ['GET', '/proxies/p'],
    ['GET', '/proxies/p/toxics'], ['POST', '/proxies/p', {}]]) {
    const answer = await program.request(method, path, body);
    assert.equal(answer.headers['content-type'], 'application/json', path);
    assert.match(answer.headers['x-toxiproxy-request-id'], /^[0-9a-v]{20}$/, path);
  }
  const first = await program.request('GET', '/proxies/none');
  const second = await program.request('GET', '/proxies/none');
  assertError(first, 404, 'proxy not found');
  assert.match(first.headers['x-toxiproxy-request-id'], /^[0-9a-v]{20}$/);
  assert.notEqual(first.headers['x-toxiproxy-request-id'], second.headers['x-toxiproxy-request-id']);
});

test('transport: browsers are refused on known paths', async () => {
  const answer = await program.request('GET', '/proxies', undefined, { 'User-Agent': 'Mozilla/5.0' });
  assert.equal(answer.status, 403);
  assert.equal(answer.body, 'User agent not allowed\n');
  assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8');
  const other = await program.request('GET', '/none', undefined, { 'User-Agent': 'Mozilla/5.0' });
  assert.equal(other.status, 404);
  const page = await program.request('GET', '/proxies', undefined, { Origin: 'http://example.org' });
  assert.equal(page.status, 403);
  // As Node's fetch sends it.
  const fetched = await fetch(`${program.url}/proxies`);
  assert.equal(fetched.status, 200);
});

test('transport: unknown paths and wrong methods', async () => {
  for (const path of ['/', '/none', '/proxies/', '/proxies/p/', '/proxies/a%2Fb', '/proxies/p/x']) {
    const answer = await program.request('GET', path);
    assert.equal(answer.status, 404, path);
    assert.equal(answer.body, '404 page not found\n', path);
    assert.equal(answer.headers['content-type'], 'text/plain; charset=utf-8', path);
  }
  for (const [method, path] of [['PUT', '/proxies'], ['HEAD', '/proxies'], ['GET', '/reset'],
    ['POST', '/version'], ['DELETE', '/proxies'], ['GET', '/populate'], ['OPTIONS', '/version']]) {
    const answer = await program.request(method, path);
    assert.equal(answer.status, 405, `${method} ${path}`);
    assert.equal(answer.body, '', `${method} ${path}`);
  }
});

test('transport: a body is JSON as Go reads it, whatever it is called', async () => {
  for (const [body, words] of [
    ['', 'EOF'],
    ['{', 'unexpected EOF'],
    ['{name', "invalid character 'n' looking for beginning of object key string"],
    ['x', "invalid character 'x' looking for beginning of value"],
    ['{"name":1}', 'json: cannot unmarshal number into Go struct field Proxy.name of type string'],
    ['{"name":"p","enabled":"yes"}',
      'json: cannot unmarshal string into Go struct field Proxy.enabled of type bool'],
    ['[]', 'json: cannot unmarshal array into Go value of type toxiproxy.Proxy'],
    ['"p"', 'json: cannot unmarshal string into Go value of type toxiproxy.Proxy'],
  ]) {
    assertError(await program.request('POST', '/proxies', body), 400, `bad request body: ${words}`);
  }
  const odd = await program.request('POST', '/proxies',
    `{"NAME":"p","uPsTrEaM":"${echo.address}","listen":null,"enabled":null,"x":[1]} }trailing{`,
    { 'Content-Type': 'text/html' });
  assert.equal(odd.status, 201, odd.body);
  assert.equal(JSON.parse(odd.body).enabled, true);
});

test('transport: keep-alive, pipelining, chunks, 100-continue', async () => {
  const answers = (await program.raw('GET /version HTTP/1.1\r\nHost: x\r\n\r\n'
    + 'POST /reset HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n'
    + 'POST /proxies HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n'
    + 'GET /proxies HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')).body;
  assert.deepEqual([...answers.matchAll(/HTTP\/1\.1 (\d+)/g)].map((found) => found[1]),
    ['204', '400', '200']);
  const socket = net.connect(program.port, '127.0.0.1');
  let answer = '';
  socket.on('data', (piece) => { answer += piece; });
  socket.write('POST /proxies HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n');
  await waitFor('100', () => answer === 'HTTP/1.1 100 Continue\r\n\r\n');
  socket.write('{}');
  await waitFor('the refusal', () => answer.includes('missing required field: name'));
  socket.destroy();
});

test('GET /version', async () => {
  const answer = await program.request('GET', '/version');
  assert.equal(answer.status, 200);
  assert.equal(answer.body, '{"version": "2.12.0"}\n');
  assert.equal(answer.headers['content-type'], 'application/json;charset=utf-8');
});

test('GET /proxies: sorted, and {} when there is none', async () => {
  assert.equal((await program.request('GET', '/proxies')).body.trim(), '{}');
  for (const name of ['c', 'a', 'b']) await make(name);
  const all = (await program.json('GET', '/proxies')).json;
  assert.deepEqual(Object.keys(all), ['a', 'b', 'c']);
  assert.equal(all.a.upstream, echo.address);
});

test('POST /proxies: the answer and its order of keys', async () => {
  const made = await program.json('POST', '/proxies',
    { name: 'p', listen: 'localhost:0', upstream: echo.address, toxics: [{ type: 'latency' }] });
  assert.equal(made.status, 201);
  assert.deepEqual(Object.keys(made.json).slice(0, 5),
    ['name', 'listen', 'upstream', 'enabled', 'toxics']);
  assert.match(made.json.listen, /^127\.0\.0\.1:[1-9]\d*$/);
  assert.deepEqual(made.json.toxics, []);
  assert.equal(made.json.enabled, true);
});

test('POST /proxies: where it listens', async () => {
  assert.match((await make('a', { listen: undefined })).listen, /^\[::\]:[1-9]\d*$/);
  assert.match((await make('b', { listen: ':0' })).listen, /^\[::\]:[1-9]\d*$/);
  assert.match((await make('c', { listen: '[::1]:0' })).listen, /^\[::1\]:[1-9]\d*$/);
  const off = await make('d', { listen: 'localhost:23456', enabled: false });
  assert.equal(off.listen, 'localhost:23456');
  assert.equal(off.enabled, false);
  const everywhere = await Client.dial((await program.json('GET', '/proxies/a')).json.listen);
  everywhere.send('x');
  await everywhere.got('x');
  everywhere.socket.destroy();
});

test('POST /proxies: refusals', async () => {
  const post = (body) => program.request('POST', '/proxies', body);
  assertError(await post({}), 400, 'missing required field: name');
  assertError(await post({ name: 'p' }), 400, 'missing required field: upstream');
  assertError(await post({ name: '', upstream: 'x:1' }), 400, 'missing required field: name');
  const { listen } = await make();
  assertError(await post({ name: 'p', upstream: 'x:1' }), 409, 'proxy already exists');
  assertError(await post({ name: 'p', upstream: 'x:1', listen }), 409, 'proxy already exists');
  assertError(await post({ name: 'q', upstream: 'x:1', listen }), 500,
    `listen tcp ${listen}: bind: address already in use`);
  assertError(await post({ name: 'q', upstream: 'x:1', listen: 'local373' }), 500,
    'listen tcp: address local373: missing port in address');
  assert.equal((await program.request('GET', '/proxies/q')).status, 404);
});

test('POST /populate', async () => {
  const both = [{ name: 'b', upstream: echo.address }, { name: 'a', upstream: echo.address }];
  const made = await program.json('POST', '/populate', both);
  assert.equal(made.status, 201);
  assert.deepEqual(made.json.proxies.map((proxy) => proxy.name), ['b', 'a']);
  const none = await program.request('POST', '/populate', []);
  assert.equal(none.status, 201);
  assert.equal(none.body.trim(), '{"proxies":null}');
});

test('POST /populate: refusals are JSON and say what was done', async () => {
  const post = (body) => program.json('POST', '/populate', body);
  const bad = await post([{ name: 'a', upstream: 'x:1' }, { upstream: 'x:1' }]);
  assert.equal(bad.status, 400);
  assert.equal(bad.headers['content-type'], 'application/json');
  assert.equal(bad.body,
    '{"error":"missing required field: name at proxy 2","status":400,"proxies":null}');
  assert.equal((await post([{ name: 'a' }])).json.error,
    'missing required field: upstream at proxy 1');
  assert.deepEqual((await program.json('GET', '/proxies')).json, {});
  const { listen } = await make('taken');
  const half = await post([{ name: 'a', upstream: 'x:1' }, { name: 'b', upstream: 'x:1', listen },
    { name: 'c', upstream: 'x:1' }]);
  assert.equal(half.status, 500);
  assert.equal(half.json.error, `listen tcp ${listen}: bind: address already in use`);
  assert.deepEqual(half.json.proxies.map((proxy) => proxy.name), ['a']);
  assert.deepEqual(Object.keys((await program.json('GET', '/proxies')).json), ['a', 'taken']);
  assert.equal((await program.request('POST', '/populate', '')).status, 400);
});

test('POST /populate: the same is kept, another is replaced', async () => {
  const { listen } = await make();
  await addToxic({ type: 'noop', name: 'kept' });
  const client = await Client.dial(listen);
  client.send('1');
  await client.got('1');
  const port = listen.split(':')[1];
  for (const same of [listen, `localhost:${port}`]) {
    const again = await program.json('POST', '/populate',
      [{ name: 'p', listen: same, upstream: echo.address, enabled: false }]);
    assert.equal(again.json.proxies[0].toxics.length, 1, same);
    assert.equal(again.json.proxies[0].enabled, true, same);
  }
  client.send('2');
  await client.got('2');
  const other = await program.json('POST', '/populate',
    [{ name: 'p', listen, upstream: 'elsewhere:1' }]);
  assert.equal(other.json.proxies[0].upstream, 'elsewhere:1');
  assert.deepEqual(other.json.proxies[0].toxics, []);
  assert.equal(await client.ended(), 'FIN');
});

for (const method of ['POST', 'PATCH']) {
  test(`${method} /proxies/{p}`, async () => {
    const { listen } = await make();
    const change = (body) => program.json(method, '/proxies/p', body);
    assert.equal((await change({ name: 'other', enabled: true })).json.name, 'p');
    const client = await Client.dial(listen);
    const off = await change({ enabled: false });
    assert.equal(off.status, 200);
    assert.equal(off.json.listen, listen);
    assert.equal(await client.ended(), 'FIN');
    assert.equal((await Client.dial(listen)).end, 'ECONNREFUSED');
    assert.equal((await change({ enabled: true })).json.listen, listen);
    const moved = await change({ listen: 'localhost:0', upstream: 'elsewhere:1' });
    assert.notEqual(moved.json.listen, listen);
    assert.equal(moved.json.upstream, 'elsewhere:1');
    assertError(await change({ listen: 'nonsense' }), 500,
      'address nonsense: missing port in address');
    assert.equal((await program.json('GET', '/proxies/p')).json.listen, moved.json.listen);
    assertError(await program.request(method, '/proxies/p', '{'), 400,
      'bad request body: unexpected EOF');
    assertError(await program.request(method, '/proxies/none', {}), 404, 'proxy not found');
    const taken = (await make('taken')).listen;
    assertError(await change({ listen: taken }), 500,
      `listen tcp ${taken}: bind: address already in use`);
    const left = (await program.json('GET', '/proxies/p')).json;
    assert.equal(left.enabled, false);
    assert.equal(left.listen, taken);
  });
}

test('a toxic outlives that its proxy is disabled', async () => {
  await make();
  await addToxic({ type: 'latency', name: 'l' });
  await program.request('POST', '/proxies/p', { enabled: false });
  await program.request('POST', '/proxies/p', { enabled: true });
  assert.equal((await program.request('GET', '/proxies/p/toxics/l')).status, 200);
});

test('DELETE /proxies/{p}', async () => {
  const { listen } = await make();
  const gone = await program.request('DELETE', '/proxies/p');
  assert.equal(gone.status, 204);
  assert.equal(gone.body, '');
  assert.equal((await Client.dial(listen)).end, 'ECONNREFUSED');
  assertError(await program.request('DELETE', '/proxies/p'), 404, 'proxy not found');
});

test('GET /proxies/{p}/toxics: upstream first, each in the order of addition', async () => {
  await make();
  for (const [name, stream] of [['d1', 'downstream'], ['u1', 'upstream'], ['d2', 'downstream'],
    ['u2', 'upstream']]) await addToxic({ type: 'noop', name, stream });
  const list = (await program.json('GET', '/proxies/p/toxics')).json;
  assert.deepEqual(list.map((toxic) => toxic.name), ['u1', 'u2', 'd1', 'd2']);
  const { toxics } = (await program.json('GET', '/proxies/p')).json;
  assert.deepEqual(toxics, list);
  assertError(await program.request('GET', '/proxies/none/toxics'), 404, 'proxy not found');
});

test('POST /proxies/{p}/toxics: defaults and the answer', async () => {
  await make();
  const added = await addToxic({ type: 'latency' });
  assert.equal(added.status, 200);
  assert.equal(added.body.trim(), '{"attributes":{"latency":0,"jitter":0},'
    + '"name":"latency_downstream","type":"latency","stream":"downstream","toxicity":1}');
  const shouted = await addToxic({ type: 'latency', stream: 'UPSTREAM' });
  assert.equal(shouted.json.stream, 'UPSTREAM');
  assert.equal(shouted.json.name, 'latency_UPSTREAM');
});

test('POST /proxies/{p}/toxics: toxicity is a float32, shortest', async () => {
  await make();
  for (const toxicity of ['0.2', '0.99', '1', '0', '0.1', '7']) {
    const added = await program.request('POST', '/proxies/p/toxics',
      `{"type":"noop","name":"t${toxicity}","toxicity":${toxicity}}`);
    assert.match(added.body, new RegExp(`"toxicity":${toxicity.replace('.', '\\.')}}`));
  }
});

for (const [type, attributes] of Object.entries({
  latency: { latency: 0, jitter: 0 },
  bandwidth: { rate: 0 },
  slow_close: { delay: 0 },
  timeout: { timeout: 0 },
  reset_peer: { timeout: 0 },
  limit_data: { bytes: 0 },
  noop: {},
})) {
  test(`attributes of ${type} are all there, 0 where not given`, async () => {
    await make();
    assert.deepEqual((await addToxic({ type })).json.attributes, attributes);
    for (const key of Object.keys(attributes)) {
      const changed = await program.json('POST', `/proxies/p/toxics/${type}_downstream`,
        { attributes: { [key.toUpperCase()]: 5, unknown: 1, nothing: null } });
      assert.equal(changed.json.attributes[key], 5);
    }
    for (const bad of [1.5, '100', [], {}]) {
      if (type === 'noop' || (type === 'latency' && bad === '100')) continue;
      const refused = await addToxic({
        type, name: 'bad', attributes: { [Object.keys(attributes)[0]]: bad },
      });
      assert.equal(refused.status, 400, JSON.stringify(bad));
    }
  });
}

test('POST /proxies/{p}/toxics: checks in their order', async () => {
  await make();
  await addToxic({ type: 'noop', name: 'taken', stream: 'upstream' });
  const post = (body) => program.request('POST', '/proxies/p/toxics', body);
  assertError(await post('{'), 400, 'bad request body: unexpected EOF');
  const stream = 'stream was invalid, can be either upstream or downstream';
  assertError(await post({ type: 'nope', stream: 'nope' }), 400, stream);
  assertError(await post({ type: 'latency', stream: '' }), 400, stream);
  assertError(await post({ type: 'nope', name: 'taken' }), 400, 'invalid toxic type');
  assertError(await post({}), 400, 'invalid toxic type');
  assertError(await post({ type: 'latency', name: 'taken', attributes: { latency: [] } }), 409,
    'toxic already exists');
  assert.equal((await post({ type: 'latency', attributes: { latency: [] } })).status, 400);
  assert.equal((await program.json('GET', '/proxies/p/toxics')).json.length, 1);
});

for (const method of ['POST', 'PATCH']) {
  test(`${method} /proxies/{p}/toxics/{t} merges`, async () => {
    await make();
    await addToxic({ type: 'latency', name: 'l', toxicity: 0.5, attributes: { latency: 1, jitter: 2 } });
    const change = (body) => program.json(method, '/proxies/p/toxics/l', body);
    assert.deepEqual((await change({ attributes: { jitter: 3 } })).json, {
      attributes: { latency: 1, jitter: 3 }, name: 'l', type: 'latency', stream: 'downstream', toxicity: 0.5,
    });
    assert.equal((await change({ toxicity: 0, name: 'x', type: 'noop', stream: 'upstream' })).json.name, 'l');
    assert.equal((await program.json('GET', '/proxies/p/toxics/l')).json.toxicity, 0);
    assertError(await program.request(method, '/proxies/p/toxics/none', {}), 404, 'toxic not found');
    assertError(await program.request(method, '/proxies/none/toxics/l', {}), 404, 'proxy not found');
    assertError(await program.request(method, '/proxies/p/toxics/l', ''), 400,
      'bad request body: EOF');
    assert.equal((await change({ attributes: { latency: 'soon' } })).status, 400);
  });
}

test('DELETE /proxies/{p}/toxics/{t}', async () => {
  await make();
  await addToxic({ type: 'noop', name: 'n' });
  const gone = await program.request('DELETE', '/proxies/p/toxics/n');
  assert.equal(gone.status, 204);
  assert.equal(gone.body, '');
  assertError(await program.request('DELETE', '/proxies/p/toxics/n'), 404, 'toxic not found');
  assertError(await program.request('DELETE', '/proxies/none/toxics/n'), 404, 'proxy not found');
});

test('POST /reset', async () => {
  await make();
  await make('off', { enabled: false });
  await addToxic({ type: 'latency' });
  const done = await program.request('POST', '/reset');
  assert.equal(done.status, 204);
  assert.equal(done.body, '');
  const all = (await program.json('GET', '/proxies')).json;
  assert.equal(all.off.enabled, true);
  assert.deepEqual(all.p.toxics, []);
});

test('POST /reset: what cannot start is said, the rest is done', async () => {
  const { listen } = await make('z');
  await make('a', { listen, enabled: false });
  await addToxic({ type: 'latency' }, 'z');
  assertError(await program.request('POST', '/reset'), 500,
    `listen tcp ${listen}: bind: address already in use`);
  assert.deepEqual((await program.json('GET', '/proxies/z')).json.toxics, []);
});

test('values that kill or wedge Toxiproxy are refused with the reason, or harmless', async () => {
  const { listen } = await make();
  for (const [type, attributes] of [['bandwidth', { rate: -1 }], ['slicer', {}],
    ['slicer', { average_size: -1 }], ['slicer', { average_size: 1, size_variation: 2 }],
    ['latency', { jitter: 4611686018427387905 }]]) {
    const refused = await addToxic({ type, name: 'bad', attributes });
    assert.equal(refused.status, 400, `${type} ${JSON.stringify(attributes)}`);
    assert.match(JSON.parse(refused.body).error, /attributes\./);
  }
  assert.equal((await addToxic({ type: 'latency', name: 'n', attributes: { latency: -5 } })).status, 200);
  const client = await Client.dial(listen);
  client.send('x');
  await client.got('x');
  client.socket.destroy();
});

test('names: what can be in a path is taken, what cannot is refused', async () => {
  for (const name of ['with space', 'ümlaut', 'a?b#c%d', '"quoted"']) {
    await make(name);
    assert.equal((await program.request('GET', `/proxies/${encodeURIComponent(name)}`)).status, 200, name);
  }
  // As Toxiproxy: it is made, and no path leads to it.
  await make('a/b');
  assert.ok((await program.request('GET', '/proxies')).body.includes('"a/b"'));
  assert.equal((await program.request('GET', '/proxies/a%2Fb')).status, 404);
  for (const name of ['..', 'new\nline']) {
    assert.equal((await program.request('POST', '/proxies', { name, upstream: 'x:1' })).status, 400, name);
  }
});

test('counters move while a connection lives', async () => {
  const { listen } = await make();
  const client = await Client.dial(listen);
  client.send('12345');
  await client.got('12345');
  for (const direction of ['upstream', 'downstream']) {
    const labels = { direction, proxy: 'p', listener: listen, upstream: echo.address };
    for (const name of ['received', 'sent']) {
      await waitFor(`${name} ${direction}`, async () => (
        await program.metric(`toxiproxy_proxy_${name}_bytes_total`, labels)) === 5);
    }
  }
  client.socket.destroy();
  const page = await program.request('GET', '/metrics');
  assert.equal(page.headers['content-type'], 'text/plain; version=0.0.4; charset=utf-8');
});

test('the configuration file is the array of /populate', async (t) => {
  const path = temporaryFile(t, JSON.stringify([
    { name: 'a', listen: 'localhost:0', upstream: echo.address, toxics: [{}], other: 1 },
    { name: 'b', upstream: echo.address, enabled: false,
      faults: [{ type: 'latency', stream: 'both', attributes: { latency: 1 } }] }]));
  const other = await Program.start(['-config', path]);
  t.after(() => other.stop());
  const all = (await other.json('GET', '/proxies')).json;
  assert.deepEqual(Object.keys(all), ['a', 'b']);
  assert.equal(all.b.enabled, false);
  assert.equal(all.b.toxics[0].name, 'latency_both');
  assert.match(other.log, /proxy 1: nothing reads \\?"other/);
});

test("toxiproxy-server's options", async (t) => {
  for (const args of [['-version'], ['--version']]) {
    const { code, output } = await run(args);
    assert.equal(code, 0);
    assert.match(output, /\d+\.\d+\.\d+/);
  }
  const taken = await run(['-host', 'localhost', '-port', String(program.port)]);
  assert.equal(taken.code, 1);
  assert.match(taken.log, /Address already in use/);
  const quiet = await Program.start(['-seed=7', '-proxy-metrics', '-runtime-metrics']);
  t.after(() => quiet.stop());
  const warned = await run(['-config', '/nonexistent'], { LOG_LEVEL: 'error' });
  assert.equal(warned.code, 64);
});
