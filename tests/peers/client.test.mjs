// The unmodified npm client, every call of it, against the real program.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';

import { Client, Echo, Program } from './support.mjs';

const require = createRequire(join(process.env.PEERS, 'package.json'));
const { Proxy, Toxic, Toxiproxy } = require('toxiproxy-node-client');

let program;
let echo;
let toxiproxy;

before(async () => {
  program = await Program.start();
  echo = await Echo.start();
  toxiproxy = new Toxiproxy(program.url);
});
after(async () => {
  assert.equal(await program.stop(), 0);
  await echo.stop();
});
beforeEach(async () => {
  for (const proxy of Object.values(await toxiproxy.getAll())) await proxy.remove();
});

const body = (name) => ({ name, listen: 'localhost:0', upstream: echo.address });

test('getVersion', async () => {
  assert.equal(JSON.parse(await toxiproxy.getVersion()).version, '2.12.0');
});

test('createProxy, and traffic through it', async () => {
  const proxy = await toxiproxy.createProxy(body('one'));
  assert.ok(proxy instanceof Proxy);
  assert.equal(proxy.name, 'one');
  assert.match(proxy.listen, /^127\.0\.0\.1:[1-9]\d*$/);
  assert.equal(proxy.upstream, echo.address);
  assert.equal(proxy.enabled, true);
  const client = await Client.dial(proxy.listen);
  client.send('hello');
  await client.got('hello');
  client.socket.end();
  assert.equal(await client.ended(), 'FIN');
});

test('createProxy of a name that is taken', async () => {
  await toxiproxy.createProxy(body('one'));
  await assert.rejects(toxiproxy.createProxy(body('one')), /status code 409/);
});

test('createProxy without an upstream', async () => {
  await assert.rejects(toxiproxy.createProxy({ name: 'one', listen: 'localhost:0' }),
    /status code 400/);
});

test('get and getAll', async () => {
  await toxiproxy.createProxy(body('one'));
  await toxiproxy.createProxy(body('two'));
  assert.equal((await toxiproxy.get('one')).name, 'one');
  assert.deepEqual(Object.keys(await toxiproxy.getAll()), ['one', 'two']);
  await assert.rejects(toxiproxy.get('three'), /status code 404/);
});

test('populate', async () => {
  const made = await toxiproxy.populate([body('one'), body('two')]);
  assert.deepEqual(Object.keys(made), ['one', 'two']);
  assert.ok(made.one instanceof Proxy);
  await assert.rejects(toxiproxy.populate([{ name: 'three' }]), /status code 400/);
});

test('populate keeps what is there already, with its toxics', async () => {
  const proxy = await toxiproxy.createProxy(body('one'));
  await proxy.addToxic({ type: 'noop', name: 'kept' });
  const again = await toxiproxy.populate([{ ...body('one'), listen: proxy.listen }]);
  assert.equal(again.one.listen, proxy.listen);
  assert.equal((await proxy.getToxic('kept')).name, 'kept');
});

test('proxy.update', async () => {
  const proxy = await toxiproxy.createProxy(body('one'));
  const client = await Client.dial(proxy.listen);
  const disabled = await proxy.update({ enabled: false });
  assert.equal(disabled.enabled, false);
  assert.equal(await client.ended(), 'FIN');
  const refused = await Client.dial(proxy.listen);
  assert.equal(refused.end, 'ECONNREFUSED');
  const enabled = await disabled.update({ ...proxy.toJson(), enabled: true });
  assert.equal(enabled.listen, proxy.listen);
  const again = await Client.dial(proxy.listen);
  again.send('x');
  await again.got('x');
  again.socket.destroy();
});

test('proxy.remove', async () => {
  const proxy = await toxiproxy.createProxy(body('one'));
  await proxy.remove();
  await assert.rejects(toxiproxy.get('one'), /status code 404/);
  await assert.rejects(proxy.remove(), /status code 404/);
});

for (const [type, attributes] of Object.entries({
  latency: { latency: 10, jitter: 1 },
  bandwidth: { rate: 1000 },
  slow_close: { delay: 10 },
  timeout: { timeout: 1000 },
  reset_peer: { timeout: 10 },
  slicer: { average_size: 100, size_variation: 10, delay: 10 },
  limit_data: { bytes: 1000 },
  noop: {},
})) {
  test(`addToxic, getToxic, update and remove of ${type}`, async () => {
    const proxy = await toxiproxy.createProxy(body('one'));
    const toxic = await proxy.addToxic({ type, attributes });
    assert.ok(toxic instanceof Toxic);
    assert.deepEqual(toxic.toJson(), {
      name: `${type}_downstream`, type, stream: 'downstream', toxicity: 1, attributes,
    });
    assert.deepEqual((await proxy.getToxic(toxic.name)).toJson(), toxic.toJson());
    const changed = await toxic.update({ ...toxic.toJson(), toxicity: 0.2 });
    assert.equal(changed.toxicity, 0.2);
    assert.deepEqual(changed.attributes, attributes);
    await changed.remove();
    await assert.rejects(proxy.getToxic(toxic.name), /status code 404/);
  });
}

test('addToxic that is none', async () => {
  const proxy = await toxiproxy.createProxy(body('one'));
  await assert.rejects(proxy.addToxic({ type: 'earthquake' }), /status code 400/);
  await proxy.addToxic({ type: 'latency', stream: 'upstream' });
  await assert.rejects(proxy.addToxic({ type: 'latency', stream: 'upstream' }), /status code 409/);
});

test('a toxic does what it says', async () => {
  const proxy = await toxiproxy.createProxy(body('one'));
  await proxy.addToxic({ type: 'limit_data', stream: 'downstream', attributes: { bytes: 3 } });
  const client = await Client.dial(proxy.listen);
  client.send('abcdef');
  assert.equal(await client.ended(), 'FIN');
  assert.equal(client.received, 'abc');
});

test('a fault of fault-proxy can be added as a toxic', async () => {
  const proxy = await toxiproxy.createProxy(body('one'));
  const toxic = await proxy.addToxic({
    type: 'peer_restart', name: 'crash', attributes: { kind: 'crash', down_time: '10m' },
  });
  assert.equal(toxic.stream, 'both');
  assert.equal((await Client.dial(proxy.listen)).end, 'ECONNREFUSED');
  await toxic.remove();
  assert.equal((await Client.dial(proxy.listen)).end, undefined);
});

test('reset', async () => {
  const proxy = await toxiproxy.createProxy({ ...body('one'), enabled: false });
  await proxy.addToxic({ type: 'noop' });
  await toxiproxy.reset();
  assert.equal((await toxiproxy.get('one')).enabled, true);
  await assert.rejects(proxy.getToxic('noop_downstream'), /status code 404/);
});
