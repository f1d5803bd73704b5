import { isDiscoveryError, type DiscoveryEvent } from 'amplify-discovery';
import { Hub } from 'aws-amplify/utils';
import { control, makeConsoleLink, type Action, type State } from './controls.ts';
import { enterStage, getDiscovery } from './discovery.ts';
import { element, replaceChildren } from './element.ts';
import { fetchItems, services, type Item, type Service } from './services.ts';

const stages = ['Production', 'staging'];
const callEverySeconds = 2;

let stage = sessionStorage.getItem('stage') ?? 'Production';
let state: State | undefined;

/** The last answers of discovery by service, told by its events. */
const hits = new Map<string, Extract<DiscoveryEvent, { type: 'hit' }>>();
/** Whether changes are announced, or found by age. */
let isLive = false;
const happened: { readonly text: string; readonly tone: string }[] = [];

Hub.listen('amplify-discovery', ({ payload }) => {
  const event = payload.data as DiscoveryEvent;
  if (event.type === 'hit') hits.set(event.service, event);
  if (event.type === 'refresh')
    tell(
      `Registry asked (${event.stage}): ${event.changed ? `now revision ${short(event.revision)}` : 'unchanged'}`,
      'good',
    );
  if (event.type === 'refresh-failed') tell(`${event.error.message}. Calls go on with what is known.`, 'bad');
  if (event.type === 'connected' || event.type === 'disconnected') {
    isLive = event.type === 'connected';
    tell(isLive ? 'The registry announces changes.' : 'Changes are no longer announced. What has aged is asked for.');
  }
  if (event.type === 'rejected') tell(event.error.message, 'bad');
});

function tell(text: string, tone = ''): void {
  happened.unshift({ text, tone });
  happened.length = Math.min(happened.length, 7);
  replaceChildren(
    'events',
    happened.map((entry) => element('li', { className: entry.tone }, entry.text)),
  );
}

async function call(service: Service): Promise<void> {
  const card = document.getElementById(service.name);
  hits.delete(service.name);
  try {
    const items = await fetchItems(service);
    card?.querySelector('.items')?.replaceChildren(...items.map(showItem));
    card?.classList.remove('failed');
    await addRow(service, 'answered');
  } catch (error) {
    card?.classList.add('failed');
    await addRow(service, isDiscoveryError(error) ? error.code : (error as Error).name);
  }
  await showSnapshot();
}

async function addRow(service: Service, result: string): Promise<void> {
  const hit = hits.get(service.name);
  const [known] = (await getDiscovery()).inspect();
  // In memory by the time of the call: what matters is whether the registry or this browser's storage put it there.
  const origin = hit?.origin === 'memory' ? `memory ← ${known?.origin}` : (hit?.origin ?? 'nowhere');
  const row = element(
    'tr',
    {},
    element('td', {}, service.name),
    element('td', {}, hit?.stage ?? stage),
    element('td', { className: 'mono' }, hostOf(hit?.target)),
    element(
      'td',
      {},
      element(
        'span',
        { className: `badge ${hit?.stale ? 'stale' : (known?.origin ?? '')}` },
        hit?.stale ? `stale ← ${known?.origin}` : origin,
      ),
    ),
    element('td', { className: 'mono' }, hit ? `${hit.ageSeconds.toFixed(1)} s` : ''),
    element('td', { className: result === 'answered' ? 'good' : 'bad' }, result),
  );
  const calls = document.getElementById('calls') as HTMLElement;
  calls.prepend(row);
  while (calls.children.length > 10) calls.lastElementChild?.remove();
}

function showItem(item: Item): HTMLElement {
  const [, name, last] = Object.values(item);
  return element(
    'li',
    {},
    element('span', {}, String(name)),
    element('em', {}, typeof last === 'number' ? `€ ${last}` : String(last)),
  );
}

async function showSnapshot(): Promise<void> {
  const discovery = await getDiscovery();
  const rows = discovery.inspect();
  const [known] = rows;
  replaceChildren(
    'snapshot',
    [
      ['State', state?.registry.isUp === false ? 'stopped' : 'running'],
      ['Changes', isLive ? 'announced' : 'found by age'],
      ['Snapshot requests', String(state?.registry.requests ?? 0)],
      ['Snapshot', known?.revision ? `${short(known.revision)}, ${known.freshness}` : 'none'],
      ['Endpoints', String(rows.filter(({ target }) => target).length)],
    ].flatMap(([term, text]) => [element('dt', {}, term as string), element('dd', {}, text as string)]),
  );
}

async function act(action: Action, input: object, told: string): Promise<void> {
  try {
    state = await control(action, input);
    tell(told);
  } catch (error) {
    tell((error as Error).message, 'bad');
  }
  render();
}

function render(): void {
  replaceChildren(
    'stages',
    stages.map((name) =>
      element(
        'button',
        { type: 'button', ariaPressed: String(name === stage), onclick: () => void switchTo(name) },
        name,
      ),
    ),
  );
  for (const service of services) {
    const card = document.getElementById(service.name) ?? createCard(service);
    const [first, ...standbys] =
      state?.backends.filter((one) => one.service === service.name && one.stage === stage) ?? [];
    const moveButton = card.querySelector('.move') as HTMLButtonElement;
    moveButton.title = first ? `Now on port ${first.port}` : '';
    const outageButton = card.querySelector('.outage') as HTMLButtonElement;
    outageButton.hidden = standbys.length === 0;
    outageButton.textContent = first?.isUp === false ? 'Start it' : 'Stop it';
    outageButton.onclick = () => void setUp(service.name, first?.isUp === false);
  }
  const isUp = state?.registry.isUp !== false;
  const button = document.getElementById('registry') as HTMLButtonElement;
  button.textContent = isUp ? 'Stop the registry' : 'Start the registry';
  button.onclick = () =>
    void act('registry', { isUp: !isUp }, isUp ? 'The registry was stopped.' : 'The registry was started.');
  (document.getElementById('console') as HTMLButtonElement).onclick = () => void showConsoleLink();
  void showSnapshot();
}

/** Shows an address to copy: the console refuses whoever comes to it from another page. */
async function showConsoleLink(): Promise<void> {
  try {
    const value = await makeConsoleLink();
    const field = element('input', { readOnly: true, value, ariaLabel: 'Address of the console', id: 'console-link' });
    document.getElementById('console-link')?.replaceWith(field);
    field.select();
    tell('Paste the address of the console into a new tab. It opens one, within ten minutes.');
  } catch (error) {
    tell((error as Error).message, 'bad');
  }
}

function setUp(service: string, isUp: boolean): Promise<void> {
  const told = isUp
    ? `${service} is back: calls return to it.`
    : `${service} was stopped: calls go on at its standby, of the next priority.`;
  return act('backend', { service, stage, isUp }, told);
}

function createCard(service: Service): HTMLElement {
  const card = element(
    'article',
    { id: service.name, className: 'card' },
    element('header', {}, element('h2', {}, service.title), element('code', {}, service.name)),
    element('ul', { className: 'items' }),
    element(
      'footer',
      {},
      element('button', { type: 'button', onclick: () => void call(service) }, 'Call now'),
      element(
        'button',
        {
          type: 'button',
          className: 'move',
          onclick: () => void act('move', { service: service.name, stage }, `${service.name} moved to another port.`),
        },
        'Move it',
      ),
      element('button', { type: 'button', className: 'outage', hidden: true }),
    ),
  );
  document.getElementById('services')?.append(card);
  return card;
}

async function switchTo(name: string): Promise<void> {
  stage = name;
  sessionStorage.setItem('stage', name);
  try {
    await enterStage(name, { live: true });
    tell(`Entered ${name}.`);
  } catch (error) {
    tell((error as Error).message, 'bad');
  }
  render();
  await callAll();
}

const callAll = () => Promise.all(services.map(call));
const hostOf = (target: string | undefined) => (target ? new URL(target).host : '');
const short = (revision: string) => revision.slice(0, 6);

state = await control('state').catch(() => undefined);
render();
await switchTo(stage);
setInterval(() => {
  void (async () => {
    state = await control('state').catch(() => state);
    await callAll();
  })();
}, callEverySeconds * 1000);
