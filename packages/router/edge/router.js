import cf from 'cloudfront';

// A viewer request function for CloudFront, runtime cloudfront-js-2.0: /{service}/{path} goes to the endpoint that the
// associated key value store has for the name. Only what that runtime documents is used, and `await` stands alone on the
// right of an assignment: in an argument it is a syntax error there. Tests check both.

async function handler(event) {
  const request = event.request;
  const store = cf.kvs();
  const match = /^\/([\w-][\w.-]{0,127})(\/[^?#]*)?$/.exec(request.uri);
  if (!match) return answer(400, 'Bad Request', 'InvalidPath', 'Paths have the form /{service}/{path}.');
  const service = match[1];
  const path = match[2] || '';
  if (leaves(path)) return answer(400, 'Bad Request', 'InvalidPath', 'The path leaves the service.');

  let settings;
  let candidates;
  try {
    const settingsText = await store.get('_settings');
    settings = JSON.parse(settingsText);
    const stage = chooseStage(settings, request.headers);
    if (!stage) return answer(400, 'Bad Request', 'StageNotAllowed', 'This router serves no such stage.');
    const key = stage + '/' + service;
    const isKnown = await store.exists(key);
    if (!isKnown)
      return answer(404, 'Not Found', 'ServiceNotFound', 'No service "' + service + '" in "' + stage + '".');
    const candidatesText = await store.get(key);
    candidates = JSON.parse(candidatesText);
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
  for (let index = 0; index < withheld.length; index++) delete request.headers[withheld[index]];
  request.headers['x-forwarded-host'] = { value: host };
  request.headers['x-forwarded-prefix'] = { value: '/' + service };
  request.uri = chosen[3] + path || '/';
  cf.updateRequestOrigin({
    domainName: chosen[2],
    hostHeader: chosen[2],
    customHeaders: {},
    originShield: { enabled: false },
    originAccessControlConfig: { enabled: false },
    customOriginConfig: { port: chosen[4], protocol: 'https', sslProtocols: ['TLSv1.2'] },
  });
  return request;
}

// What only a proxy may say, and what makes servers take another path, another setting or another file.
const withheld = (
  'forwarded proxy true-client-ip x-real-ip x-client-ip x-cluster-client-ip x-host x-http-host-override ' +
  'x-original-url x-original-host x-original-uri x-rewrite-url x-accel-mapping x-sendfile-type'
).split(' ');

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

// The same rule and the same hash as everywhere else, so that a caller gets the same endpoint here. A long key is hashed
// once, and not where there is nothing to choose: the time of a function is short.
function choose(candidates, affinityKey, now) {
  const live = candidates.filter(function (candidate) {
    return (!candidate[5] || candidate[5] > now) && (!candidate[6] || candidate[6] <= now);
  });
  if (live.length < 2) return live[0];
  const keyBits = addToHash(0x811c9dc5, affinityKey + '\n');
  let best = live[0];
  let bestScore = -1;
  for (let index = 0; index < live.length; index++) {
    const candidate = live[index];
    const score = -candidate[1] / Math.log(finishHash(addToHash(keyBits, candidate[0])));
    if (score > bestScore) {
      best = candidate;
      bestScore = score;
    }
  }
  return best;
}

function addToHash(bits, text) {
  for (let index = 0; index < text.length; index++) bits = multiply(bits ^ text.charCodeAt(index), 0x01000193);
  return bits;
}

function finishHash(bits) {
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
  let text = path;
  for (let layer = 0; layer < 8; layer++) {
    if (/[/\\]\.{1,2}\s*($|[/\\;])|^\/[/\\]|%([01][\da-f]|7f|c[01]|e0%[89]|f0%8|u[\da-f]{4})/i.test(text)) return true;
    const next = text.replace(/%([2-7][\da-f])/gi, decode);
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
