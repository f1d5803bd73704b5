import cf from 'cloudfront';

// A viewer request function for CloudFront, runtime cloudfront-js-2.0: /{service}/{path} goes to the endpoint that the
// associated key value store has for the name. Only what that runtime documents is used; a test checks it.

async function handler(event) {
  const request = event.request;
  const store = cf.kvs();
  const match = /^\/([\w-][\w.-]{0,127})(\/[^?#]*)?$/.exec(request.uri);
  if (!match) return answer(400, 'Bad Request', 'InvalidPath', 'Paths have the form /{service}/{path}.');
  const service = match[1];
  const path = match[2] || '/';
  if (leaves(path)) return answer(400, 'Bad Request', 'InvalidPath', 'The path leaves the service.');

  let settings;
  let candidates;
  try {
    settings = JSON.parse(await store.get('_settings'));
    const stage = chooseStage(settings, request.headers);
    if (!stage) return answer(400, 'Bad Request', 'StageNotAllowed', 'This router serves no such stage.');
    const key = stage + '/' + service;
    const isKnown = await store.exists(key);
    if (!isKnown)
      return answer(404, 'Not Found', 'ServiceNotFound', 'No service "' + service + '" in "' + stage + '".');
    candidates = JSON.parse(await store.get(key));
  } catch (error) {
    console.log('router: ' + error);
    return answer(
      503,
      'Service Unavailable',
      'RegistryUnavailable',
      'It is not known where "' + service + '" is. Try again.',
    );
  }

  const chosen = choose(candidates, findAffinityKey(settings, request), Date.now());
  if (!chosen) return answer(404, 'Not Found', 'ServiceNotFound', 'No service "' + service + '" now.');
  const host = request.headers.host ? request.headers.host.value : '';
  const notPassedOn = ['forwarded', 'x-original-url', 'x-rewrite-url', 'x-host', 'proxy'];
  for (let index = 0; index < notPassedOn.length; index++) delete request.headers[notPassedOn[index]];
  request.headers['x-forwarded-host'] = { value: host };
  request.headers['x-forwarded-prefix'] = { value: '/' + service };
  request.uri = chosen[3] + path;
  cf.updateRequestOrigin({
    domainName: chosen[2],
    hostHeader: chosen[2],
    originAccessControlConfig: { enabled: false },
    customOriginConfig: { port: chosen[4], protocol: 'https', sslProtocols: ['TLSv1.2'] },
  });
  return request;
}

function chooseStage(settings, headers) {
  const host = headers.host ? headers.host.value.toLowerCase().replace(/:\d*$/, '') : '';
  const byHost = settings.byHost || {};
  return Object.prototype.hasOwnProperty.call(byHost, host) ? byHost[host] : settings.stage;
}

function findAffinityKey(settings, request) {
  const header = settings.header ? request.headers[settings.header] : undefined;
  if (header && header.value) return header.value;
  const cookie = settings.cookie ? request.cookies[settings.cookie] : undefined;
  if (cookie && cookie.value) return cookie.value;
  return String(Math.random());
}

// The same rule and the same hash as everywhere else, so that a caller gets the same endpoint here.
function choose(candidates, affinityKey, now) {
  let best;
  let bestScore = -1;
  for (let index = 0; index < candidates.length; index++) {
    const candidate = candidates[index];
    if (candidate[5] && candidate[5] <= now) continue;
    if (!best) best = candidate;
    const score = -candidate[1] / Math.log(hash(affinityKey + '\n' + candidate[0]));
    if (score > bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}

function hash(text) {
  let bits = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) bits = multiply(bits ^ text.charCodeAt(index), 0x01000193);
  bits = multiply(bits ^ (bits >>> 16), 0x85ebca6b);
  bits = multiply(bits ^ (bits >>> 13), 0xc2b2ae35);
  return ((bits ^ (bits >>> 16)) >>> 0 || 1) / 4294967296;
}

// 32-bit multiplication without Math.imul.
function multiply(left, right) {
  return ((left & 0xffff) * right + ((((left >>> 16) * right) & 0xffff) << 16)) | 0;
}

function leaves(path) {
  if (/[^\x21-\x7e]|[\\#]|^\/\//.test(path)) return true;
  if (/%(?![\da-f]{2})|%c[01]|%e0%[89]|%f0%8/i.test(path)) return true;
  let text = path;
  for (let layer = 0; layer < 8; layer++) {
    if (/(^|[/\\])\.{1,2}($|[/\\;])/.test(text) || /%[01][\da-f]|%7f/i.test(text) || /^\/[/\\]/.test(text)) return true;
    const next = text.replace(/%(2e|2f|5c|25|3b)/gi, decode);
    if (next === text) return false;
    text = next;
  }
  return true;
}

function decode(encoded, hex) {
  return String.fromCharCode(parseInt(hex, 16));
}

function answer(statusCode, statusDescription, code, message) {
  return {
    statusCode: statusCode,
    statusDescription: statusDescription,
    headers: { 'content-type': { value: 'application/json' }, 'cache-control': { value: 'no-store' } },
    body: { encoding: 'text', data: JSON.stringify({ code: code, message: message }) },
  };
}
