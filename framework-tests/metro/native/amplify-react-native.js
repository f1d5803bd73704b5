import AsyncStorage from './async-storage.js';

export const loadAsyncStorage = () => AsyncStorage;
export const getOperatingSystem = () => 'android';
export const getDeviceName = async () => 'emulator';
export const loadAppState = () => ({ addEventListener: () => ({ remove() {} }) });
export const loadNetInfo = () => undefined;
export const loadBuffer = () => undefined;
export const loadBase64 = () => ({ encode: btoa, decode: atob });
export const loadUrlPolyfill = () => {};
export const loadGetRandomValues = () => {};
