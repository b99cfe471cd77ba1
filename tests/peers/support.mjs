// What the suites of this folder share: the program, an upstream, requests, and one way to wait.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const kPatienceMs = 10_000;

// Asks until the answer is true; at the deadline it says what it had waited for.
export async function waitFor(what, condition) {
  const deadline = Date.now() + kPatienceMs;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`never happened: ${what}`);
    await new Promise((resume) => setTimeout(resume, 10));
  }
}

// The program with its control API on a free port. Ended by stop(), by its own process id.
export class Program {
  static async start(args = [], environment = {}) {
    const program = new Program(['--control', '127.0.0.1:0', ...args], environment);
    program.port = await waitFor('the control address', () => {
      const found = /message=started control=\S+:(\d+)/.exec(program.log);
      return (found && Number(found[1])) || program.exitCode !== null;
    });
    if (program.exitCode !== null) throw new Error(`it ended: ${program.log}`);
    program.url = `http://127.0.0.1:${program.port}`;
    return program;
  }

  constructor(args, environment = {}) {
    this.log = '';
    this.output = '';
    this.exitCode = null;
    this.child = spawn(process.env.FAULT_PROXY, args, { env: { ...process.env, ...environment } });
    this.child.stderr.on('data', (text) => { this.log += text; });
    this.child.stdout.on('data', (text) => { this.output += text; });
    this.ended = new Promise((resolve) => {
      this.child.on('close', (code, signal) => {
        this.exitCode = code ?? signal;
        resolve(this.exitCode);
      });
    });
  }

  stop() {
    this.child.kill('SIGTERM');
    return this.ended;
  }

  // One request on a connection of its own: { status, reason, headers, body }.
  request(method, path, body, headers = {}) {
    const text = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
    const lines = [`${method} ${path} HTTP/1.1`, `Host: 127.0.0.1:${this.port}`, 'Connection: close'];
    for (const [name, value] of Object.entries(headers)) lines.push(`${name}: ${value}`);
    if (text !== undefined) lines.push(`Content-Length: ${Buffer.byteLength(text)}`);
    return this.raw(`${lines.join('\r\n')}\r\n\r\n${text ?? ''}`);
  }

  // The bytes as they are; what comes back until the server closes.
  async raw(bytes) {
    const answer = await converse(this.port, bytes);
    const end = answer.indexOf('\r\n\r\n');
    if (end < 0) return { status: 0, headers: {}, body: answer };
    const [first, ...rest] = answer.slice(0, end).split('\r\n');
    const headers = Object.fromEntries(rest.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }));
    return { status: Number(first.split(' ')[1]), headers, body: answer.slice(end + 4) };
  }

  async json(method, path, body) {
    const answer = await this.request(method, path, body);
    return { ...answer, json: answer.body === '' ? undefined : JSON.parse(answer.body) };
  }

  async metric(name, labels) {
    const page = (await this.request('GET', '/metrics')).body;
    const line = page.split('\n').find((text) => text.startsWith(`${name}{`)
      && Object.entries(labels).every(([key, value]) => text.includes(`${key}="${value}"`)));
    return line === undefined ? undefined : Number(line.split(' ').at(-1));
  }
}

// Runs to its end: { code, output, log }.
export async function run(args, environment) {
  const program = new Program(args, environment);
  const code = await program.ended;
  return { code, output: program.output, log: program.log };
}

export function converse(port, bytes) {
  return new Promise((resolve, reject) => {
    let answer = '';
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes));
    socket.setTimeout(kPatienceMs, () => socket.destroy(new Error('no answer')));
    socket.on('data', (piece) => { answer += piece; });
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

// Sends back what it gets, on a free port.
export class Echo {
  static async start() {
    const echo = new Echo();
    echo.sockets = new Set();
    echo.server = net.createServer((socket) => {
      echo.sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => echo.sockets.delete(socket));
      socket.pipe(socket);
    });
    await new Promise((ready) => echo.server.listen(0, '127.0.0.1', ready));
    echo.port = echo.server.address().port;
    echo.address = `127.0.0.1:${echo.port}`;
    return echo;
  }

  stop() {
    for (const socket of this.sockets) socket.destroy();
    return new Promise((done) => this.server.close(done));
  }
}

// A client of a proxy that remembers what came and how it ended.
export class Client {
  static async dial(address) {
    const client = new Client();
    const colon = address.lastIndexOf(':');
    client.received = '';
    client.end = undefined;
    client.socket = net.connect({
      port: Number(address.slice(colon + 1)),
      host: address.slice(0, colon).replace(/[[\]]/g, '').replace(/^::$/, '127.0.0.1'),
      allowHalfOpen: true,
    });
    client.socket.on('data', (piece) => { client.received += piece; });
    client.socket.on('end', () => { client.end ??= 'FIN'; });
    client.socket.on('error', (error) => { client.end ??= error.code; });
    await new Promise((resolve) => {
      client.socket.on('connect', resolve);
      client.socket.on('error', resolve);
    });
    return client;
  }

  send(text) { this.socket.write(text); }

  got(text) { return waitFor(`"${text}" comes back`, () => this.received.includes(text)); }

  ended() { return waitFor('the connection ends', () => this.end); }
}

export function temporaryFile(t, text) {
  const folder = mkdtempSync(join(tmpdir(), 'fault-proxy-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'file');
  writeFileSync(path, text);
  return path;
}
