/** What is used of the browser's storage. */
export interface KeyValue {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/**
 * The browser's storage, or one that lives as long as the page: a browser that forbids storage to frames of other sites throws
 * at the mere mention of it.
 */
export function safeStorage(open: () => KeyValue): KeyValue {
  try {
    const storage = open();
    storage.getItem('crosspoint');
    return storage;
  } catch {
    return memoryStorage();
  }
}

function memoryStorage(): KeyValue {
  const kept = new Map<string, string>();
  return {
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
    removeItem: (key) => void kept.delete(key),
  };
}
