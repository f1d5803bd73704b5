import * as discovery from 'amplify-discovery';
import * as api from 'amplify-discovery/api';
import * as v5 from 'amplify-discovery/v5';

Object.assign(globalThis, { discovery, api, v5 });
