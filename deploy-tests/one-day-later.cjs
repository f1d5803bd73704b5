// Preloaded into a program: its clock is a day ahead.
const Now = Date;
globalThis.Date = class extends Now {
  constructor(...values) {
    super(...(values.length > 0 ? values : [Now.now() + 86_400_000]));
  }

  static now() {
    return Now.now() + 86_400_000;
  }
};
