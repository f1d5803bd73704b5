import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { connect } from 'node:net';

/**
 * Runs `npm start` as a newcomer does: waits for the address it prints, opens the page, asks the environment and the
 * registry, presses Ctrl-C, and sees that nothing is left behind.
 */
const patienceMs = 120_000;
const outputsFile = 'examples/storefront/app/amplify_outputs.json';
let passed = 0;
let failed = 0;
let printed = '';

// A process group of its own, so that Ctrl-C reaches all of it, as it does in a terminal.
const child = spawn('npm', ['start'], { detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (printed += chunk));
const ended = once(child, 'close');
const deadline = setTimeout(() => {
  console.log(`npm start was still running after ${patienceMs / 1000} s`);
  signalGroup('SIGKILL');
}, patienceMs);

try {
  const url = await findPrintedUrl();
  let ports = [];
  await check('npm start prints the address of the page', () => url !== undefined);
  if (url) {
    await check('the page is HTML and loads its script', async () => {
      const page = await (await fetch(url)).text();
      return page.includes('<title>') && page.includes('src="./main.ts"');
    });
    await check('a module of the page is served as JavaScript', async () => {
      const module = await fetch(new URL('discovery.ts', url));
      return module.headers.get('content-type')?.includes('javascript') && (await module.text()).includes('discover(');
    });
    await check('six backends answer, and a registry that refuses who has no key', async () => {
      const registry = /Registry\s+(http:\/\/\S+)/.exec(printed)[1];
      const state = await (await post(new URL('environment/state', url), {})).json();
      const backends = state.backends.map(({ path, port }) => `http://127.0.0.1:${port}${path}`);
      ports = [url, registry, ...backends].map((one) => Number(new URL(one).port));
      const answers = await Promise.all(backends.map((backend) => fetch(backend)));
      const { status } = await post(registry, { query: '{ stages { name } }' });
      return state.registry.isUp && backends.length === 6 && answers.every(({ ok }) => ok) && status === 401;
    });
    await check('the printed console opens a session, once, and shows the services', async () => {
      const { origin, hash } = new URL(/Console\s+(http:\/\/\S+)/.exec(printed)[1]);
      ports.push(Number(new URL(origin).port));
      const token = new URLSearchParams(hash.slice(1)).get('token');
      const { session } = await (await post(`${origin}/api/sessions`, { token }, { origin })).json();
      const overview = await fetch(`${origin}/api/overview`, { headers: { 'x-console-session': session } });
      const { endpoints } = await overview.json();
      const again = await post(`${origin}/api/sessions`, { token }, { origin });
      return endpoints.length === 6 && again.status === 401;
    });
    await check('an outage stops a backend and leaves its standby, and its end starts it', async () => {
      const set = async (isUp) => {
        const input = { service: 'order-service', stage: 'Production', isUp };
        const { backends } = await (await post(new URL('environment/backend', url), input)).json();
        const orders = backends.filter(({ service, stage }) => service === input.service && stage === input.stage);
        return Promise.all(orders.map(({ port }) => isOpen(port)));
      };
      const [stopped, started] = [await set(false), await set(true)];
      return (stopped.join() === 'false,true' && started.join() === 'true,true') || `${stopped} then ${started}`;
    });
    signalGroup('SIGINT');
    const [exitCode, signal] = await ended;
    // npm's shell dies of the signal after the program has ended well, and npm says so. The program's own exit code, 0, is
    // in storefront.browser.test.ts; here the checks below tell whether it has cleaned up.
    const isInterrupted = exitCode === 0 || exitCode === 130 || signal === 'SIGINT';
    await check('Ctrl-C ends it', () => isInterrupted || `exit code ${exitCode}, signal ${signal}`);
    await check('its nine ports are closed', async () => {
      const open = [];
      for (const port of ports) if (await isOpen(port)) open.push(port);
      return (ports.length === 9 && open.length === 0) || `of ${ports.join(', ')} open: ${open.join(', ')}`;
    });
    await check('no process of it is left', () => !signalGroup(0));
    await check('the outputs that it wrote are gone', () => !existsSync(outputsFile));
  }
} finally {
  clearTimeout(deadline);
  signalGroup('SIGKILL');
}
if (failed > 0) console.log(`npm start printed:\n${printed}`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed > 0 ? 1 : 0;

/** The address after "Storefront", or undefined when npm start has ended without one. */
async function findPrintedUrl() {
  const find = () => /Storefront\s+(http:\/\/\S+)/.exec(printed)?.[1];
  while (!find() && child.exitCode === null && child.signalCode === null) {
    await Promise.race([once(child.stdout, 'data'), ended]);
  }
  return find();
}

function post(url, body, headers = {}) {
  return fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
}

function isOpen(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

/** Whether there was a process to signal; 0 only asks. */
function signalGroup(signal) {
  if (child.pid === undefined) return false;
  try {
    return process.kill(-child.pid, signal);
  } catch {
    return false;
  }
}

async function check(name, act) {
  let found;
  try {
    found = await act();
  } catch (error) {
    found = String(error);
  }
  if (found === true) passed += 1;
  else failed += 1;
  console.log(found === true ? `ok   ${name}` : `FAIL ${name}${found ? `: ${found}` : ''}`);
}
