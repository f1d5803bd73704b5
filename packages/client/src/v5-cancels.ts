/** By the promises that calls in the shape of v5 have returned: what cancels each, as `API.cancel` does. */
export const v5Cancels: WeakMap<Promise<unknown>, (message?: string) => void> = /* @__PURE__ */ new WeakMap();
