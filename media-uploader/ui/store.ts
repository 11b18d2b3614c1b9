/** What survives a reload: the list, and the files that are still needed. In the browser's own database, on this machine only. */
import type { Item } from "./item.ts";

export interface Store {
  items(): Promise<Item[]>;
  save(item: Item): Promise<void>;
  remove(id: string): Promise<void>;
  file(id: string): Promise<File | null>;
  keepFile(id: string, file: File): Promise<void>;
  dropFile(id: string): Promise<void>;
}

const NAME = "simpi-media";

function opened(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(NAME, 1);
    request.onupgradeneeded = () => {
      request.result.createObjectStore("items", { keyPath: "id" });
      request.result.createObjectStore("files");
    };
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
    request.onblocked = () => reject(new Error("blocked"));
  });
}

/** The browser's database. Where there is none (some private windows), nothing survives a reload, and nothing else changes. */
export function browserStore(): Store {
  let database: Promise<IDBDatabase> | null = null;

  async function run<T>(
    name: string,
    mode: IDBTransactionMode,
    what: (store: IDBObjectStore) => IDBRequest,
  ): Promise<T | null> {
    try {
      database ??= opened();
      const transaction = (await database).transaction(name, mode);
      return await new Promise<T>((resolve, reject) => {
        const request = what(transaction.objectStore(name));
        transaction.oncomplete = () => resolve(request.result as T);
        transaction.onabort = () => reject(transaction.error);
      });
    } catch {
      return null;
    }
  }

  return {
    items: async () => (await run<Item[]>("items", "readonly", (store) => store.getAll())) ?? [],
    save: async (item) => void (await run("items", "readwrite", (store) => store.put(item))),
    remove: async (id) => void (await run("items", "readwrite", (store) => store.delete(id))),
    file: async (id) => (await run<File>("files", "readonly", (store) => store.get(id))) ?? null,
    keepFile: async (id, file) => void (await run("files", "readwrite", (store) => store.put(file, id))),
    dropFile: async (id) => void (await run("files", "readwrite", (store) => store.delete(id))),
  };
}
