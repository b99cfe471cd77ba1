// What fault-proxy has beside Toxiproxy's API, and that no call waits for a connection.
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
  for (const name of Object.keys(all.json)) await program.request('DELETE', `/proxies/${name}`);
});

const make = async (more = {}) => {
  const made = await program.json('POST', '/proxies',
    { name: 'p', listen: 'localhost:0', upstream: echo.address, ...more });
  assert.equal(made.status, 201, made.body);
  return made.json;
};
const connect = async (listen) => {
  const client = await Client.dial(listen);
  client.send('.');
  await client.got('.');
  return client;
};

test('a proxy comes with all of its faults, or not at all', async () => {
  const made = await make({ faults: [{ type: 'latency', stream: 'both', toxicity: 0.5 },
    { type: 'peer_restart', name: 'crash', attributes: { kind: 'crash', down_time: '10m' } }] });
  assert.deepEqual(made.faults.map((fault) => fault.name), ['latency_both', 'crash']);
  assert.deepEqual(made.toxics.map((fault) => fault.name), ['latency_both', 'crash']);
  assert.equal((await Client.dial(made.listen)).end, 'ECONNREFUSED');
  for (const faults of [[{ type: 'latency' }, { type: 'nope' }], [{ type: 'latency', atributes: {} }],
    [{ type: 'noop' }, { type: 'noop' }]]) {
    const refused = await program.json('POST', '/proxies', { name: 'q', upstream: 'x:1', faults });
    assert.ok([400, 409].includes(refused.status));
    assert.match(refused.json.error, /^faults\[\d\]: /);
    assert.equal((await program.request('GET', '/proxies/q')).status, 404);
  }
});

test('the two views are of one collection', async () => {
  await make();
  await program.request('POST', '/proxies/p/toxics', { type: 'latency', name: 'a' });
  await program.request('POST', '/proxies/p/faults', { type: 'noop', name: 'b', stream: 'both' });
  for (const view of ['toxics', 'faults']) {
    const names = (await program.json('GET', `/proxies/p/${view}`)).json.map((fault) => fault.name);
    assert.deepEqual(names.sort(), ['a', 'b'], view);
    assert.equal((await program.request('GET', `/proxies/p/${view}/a`)).status, 200, view);
  }
  const taken = await program.json('POST', '/proxies/p/faults', { type: 'nat', name: 'a',
    attributes: { idle_timeout: '1s', on_expiry: 'rst_both' } });
  assert.equal(taken.status, 409);
  assert.equal((await program.request('DELETE', '/proxies/p/faults/a')).status, 204);
  assert.equal((await program.request('GET', '/proxies/p/toxics/a')).status, 404);
});

test('half_close keeps the other direction open, without it both end', async () => {
  const { listen } = await make({ half_close: true });
  const client = await connect(listen);
  client.socket.end('last');
  await client.got('last');
  const changed = await program.json('POST', '/proxies/p', { half_close: false });
  assert.equal(changed.json.half_close, false);
  assert.equal((await make({ name: 'q' })).half_close, false);
});

test('connections: listed with what the kernel knows, and ended one by one', async () => {
  const { listen } = await make();
  const clients = [await connect(listen), await connect(listen), await connect(listen)];
  const list = (await program.json('GET', '/proxies/p/connections')).json;
  assert.equal(list.length, 3);
  for (const entry of list) {
    assert.equal(entry.proxy, 'p');
    assert.equal(entry.state, 'relaying');
    assert.equal(entry.bytes_upstream, 1);
    assert.equal(entry.bytes_downstream, 1);
    assert.equal(entry.client_tcp.state, 'ESTABLISHED');
    assert.equal(entry.upstream_tcp.state, 'ESTABLISHED');
  }
  const limited = await program.json('GET', '/connections?limit=2');
  assert.equal(limited.json.length, 2);
  assert.equal(limited.headers['x-total-count'], '3');
  const byClient = (client) => list.find((entry) => (
    entry.client === `127.0.0.1:${client.socket.localPort}`)).conn;
  const end = (client, query) => program.request('DELETE',
    `/proxies/p/connections/${byClient(client)}${query}`);
  assert.equal((await end(clients[0], '')).status, 204);
  assert.equal(await clients[0].ended(), 'ECONNRESET');
  assert.equal((await end(clients[1], '?how=fin')).status, 204);
  assert.equal(await clients[1].ended(), 'FIN');
  assert.equal((await end(clients[1], '')).status, 404);
  assert.equal((await end(clients[2], '?how=softly')).status, 400);
  assert.equal((await program.request('DELETE', '/proxies/p/connections')).status, 204);
  assert.equal(await clients[2].ended(), 'ECONNRESET');
  assert.deepEqual((await program.json('GET', '/connections')).json, []);
});

// A reader of /events that keeps what has come.
const follow = (query = '') => new Promise((resolve) => {
  const socket = net.connect(program.port, '127.0.0.1');
  const reader = { socket, text: '' };
  socket.on('error', () => {});
  socket.on('data', (piece) => {
    reader.text += piece;
    if (reader.text.includes(': events from now on')) resolve(reader);
  });
  socket.write(`GET /events${query} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
});

test('events come as they happen, of one proxy or of all', async () => {
  const [all, some] = [await follow(), await follow('?proxy=q')];
  assert.match(all.text, /Content-Type: text\/event-stream/);
  const { listen } = await make();
  await make({ name: 'q' });
  const client = await connect(listen);
  await waitFor('the event', () => all.text.includes('event: connection_opened'));
  await waitFor('the other event', () => some.text.includes('event: proxy_started'));
  assert.match(all.text, /data: \{"mono_ns":\d+,.*"event":"proxy_started","listen":.*"proxy":"p"/);
  assert.doesNotMatch(some.text, /"proxy":"p"/);
  client.socket.destroy();
  all.socket.destroy();
  some.socket.destroy();
});

test('ctl tail prints them', async () => {
  const tail = new Program(['ctl', '--url', program.url, 'tail', 'p']);
  await waitFor('an event', async () => {
    await make();
    await program.request('DELETE', '/proxies/p');
    return tail.output.includes('"event":"proxy_started"');
  });
  assert.doesNotThrow(() => JSON.parse(tail.output.split('\n')[0]));
  await tail.stop();
});

test('readers of events have a limit', async () => {
  const readers = [];
  for (let i = 0; i < 16; ++i) readers.push(await follow());
  const refused = await program.json('GET', '/events');
  assert.equal(refused.status, 503);
  for (const reader of readers) reader.socket.destroy();
  const again = await waitFor('room again', async () => {
    const listed = await Promise.race([follow(), program.request('GET', '/version')]);
    return listed.socket && listed;
  });
  again.socket.destroy();
});

test('GET /abilities', async () => {
  const abilities = (await program.json('GET', '/abilities')).json;
  assert.deepEqual(Object.keys(abilities), ['filter', 'repair', 'mark', 'egress_drop']);
});

test('profiles: listed, used by name, overridden', async () => {
  const profiles = (await program.json('GET', '/profiles')).json;
  const nlb = profiles.find((profile) => profile.name === 'aws-nlb');
  assert.ok(nlb.source.length > 0 && nlb.date.length > 0);
  for (const args of [['profiles'], ['ctl', 'profiles']]) {
    const { code, output } = await run(args);
    assert.equal(code, 0);
    assert.match(output, /^aws-nlb/m);
  }
  assert.deepEqual(JSON.parse((await run(['profiles', '--json'])).output), profiles);
  await make();
  const refused = await program.json('POST', '/proxies/p/faults',
    { type: 'nat', attributes: { profile: 'aws-nbl' } });
  assert.equal(refused.status, 400);
  assert.match(refused.json.error, /aws-nlb/);
});

test('ctl: what people do by hand', async () => {
  const ctl = async (...args) => {
    const { code, output, log } = await run(['ctl', '--url', program.url, ...args]);
    assert.equal(code, 0, log);
    return output;
  };
  assert.equal(await ctl('list'), '');
  assert.equal(await ctl('create', 'web', '-l', 'localhost:0', '-u', echo.address),
    'Created new proxy web\n');
  assert.equal((await program.json('GET', '/proxies/web')).json.half_close, true);
  const { listen } = (await program.json('GET', '/proxies/web')).json;
  assert.equal(await ctl('ls'), `web\t${listen}\t${echo.address}\tenabled\t0\n`);
  assert.equal(await ctl('toxic', 'add', '-t', 'latency', '-a', 'latency=5', '--tox', '0.5', '-u', 'web'),
    "Added upstream latency toxic 'latency_upstream' on proxy 'web'\n");
  assert.equal(await ctl('inspect', 'web'),
    'latency_upstream\ttype=latency\tstream=upstream\ttoxicity=0.50\tattributes=[\tjitter=0\tlatency=5\t]\n');
  assert.equal(await ctl('t', 'u', 'web', '-n', 'latency_upstream', '-a', 'jitter=2'),
    "Updated toxic 'latency_upstream' on proxy 'web'\n");
  assert.equal((await program.json('GET', '/proxies/web/toxics/latency_upstream')).json.toxicity, 0.5);
  assert.equal(await ctl('toxic', 'delete', '-n', 'latency_upstream', 'web'),
    "Removed toxic 'latency_upstream' on proxy 'web'\n");
  const client = await connect(listen);
  assert.match(await ctl('connections', 'web'), /^web\t\d+\t127\.0\.0\.1:\d+\trelaying\tESTABLISHED\t/);
  await ctl('kill', 'web', '--all');
  assert.equal(await client.ended(), 'ECONNRESET');
  assert.equal(await ctl('toggle', 'web'), 'Proxy web is now disabled\n');
  assert.equal(await ctl('tog', 'web'), 'Proxy web is now enabled\n');
  await ctl('reset');
  assert.equal(await ctl('d', 'web'), 'Deleted proxy web\n');
});

test('ctl: failures are one line and an exit code', async () => {
  const ctl = (...args) => run(['ctl', ...args], { TOXIPROXY_URL: program.url });
  const gone = await ctl('toxic', 'remove', '-n', 'nope', 'c1');
  assert.equal(gone.code, 1);
  assert.equal(gone.log, "Failed to remove toxic: failed to remove toxic 'nope' from proxy 'c1': "
    + 'HTTP 404: proxy not found\n');
  await make();
  const twice = await ctl('create', 'p', '-u', 'x:1');
  assert.equal(twice.code, 1);
  assert.equal(twice.log, 'Failed to create proxy: create: HTTP 409: proxy already exists\n');
  const typo = await ctl('add', 'p', '-t', 'latency', '-a', 'latncy=5');
  assert.equal(typo.code, 1);
  assert.match(typo.log, /attributes\.latncy: unknown attribute/);
  const nobody = await run(['ctl', '--url', 'http://127.0.0.1:1', 'list']);
  assert.equal(nobody.code, 1);
  assert.match(nobody.log, /no answer at 127\.0\.0\.1:1: Connection refused/);
});

// How long a call takes that has nothing to do with what hangs.
const patientCall = async () => {
  const start = performance.now();
  const answer = await program.request('GET', '/proxies');
  assert.equal(answer.status, 200);
  return performance.now() - start;
};
// The best of some: one may meet a busy machine, all of them only a server that waits.
const assertPrompt = async (what) => {
  const times = [];
  for (let i = 0; i < 5; ++i) times.push(await patientCall());
  assert.ok(Math.min(...times) < 100, `${what}: ${times.map(Math.round)} ms`);
};

test('clients of the API that stop half-way hold nobody up', async () => {
  const sockets = [];
  for (const bytes of ['', 'GET', 'POST /proxies HTTP/1.1\r\nContent-Length: 100\r\n\r\n{']) {
    for (let i = 0; i < 10; ++i) {
      const socket = net.connect(program.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write(bytes);
      sockets.push(socket);
    }
  }
  await assertPrompt('with half requests');
  for (const socket of sockets) socket.destroy();
});

test('a reader of answers that does not read holds nobody up', async () => {
  for (let i = 0; i < 50; ++i) {
    await program.request('POST', '/proxies', { name: `p${i}`, upstream: echo.address });
  }
  const socket = net.connect(program.port, '127.0.0.1');
  socket.on('error', () => {});
  socket.pause();
  for (let i = 0; i < 1000; ++i) socket.write('GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n');
  await assertPrompt('with an unread answer');
  socket.destroy();
});

test('a token is asked for and compared whole', async (t) => {
  const path = temporaryFile(t, 'secret\n');
  const guarded = await Program.start(['--token-file', path]);
  t.after(() => guarded.stop());
  for (const value of [undefined, 'Bearer', 'Bearer secre', 'Bearer secret2', 'Basic secret']) {
    const refused = await guarded.request('GET', '/none', undefined,
      value === undefined ? {} : { Authorization: value });
    assert.equal(refused.status, 401, value);
    assert.match(refused.headers['www-authenticate'], /^Bearer/);
  }
  const taken = await guarded.request('GET', '/version', undefined, { Authorization: 'Bearer secret' });
  assert.equal(taken.status, 200);
});

test('a control address that others can reach needs a token', async () => {
  const { code, log } = await run(['--control', '0.0.0.0:0']);
  assert.equal(code, 64);
  assert.match(log, /--token-file FILE/);
});
