export const Platform = { OS: 'android', select: (choices) => choices.android ?? choices.default };
export const AppState = { addEventListener: () => ({ remove() {} }), currentState: 'active' };
export const Linking = { addEventListener: () => ({ remove() {} }), getInitialURL: async () => null };
export const NativeModules = {};
