const items = new Map();

export default {
  getItem: async (key) => items.get(key) ?? null,
  setItem: async (key, value) => void items.set(key, value),
  removeItem: async (key) => void items.delete(key),
  getAllKeys: async () => [...items.keys()],
  multiGet: async (keys) => keys.map((key) => [key, items.get(key) ?? null]),
  multiRemove: async (keys) => keys.forEach((key) => items.delete(key)),
};
