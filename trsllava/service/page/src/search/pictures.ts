// Pictures that were dropped or pasted: this browser keeps them, so that a step back, or a reload, still has them.
const STORE = "pictures";

/** Keep a picture; its digest, by which it is found again. */
export async function keepPicture(content: Blob): Promise<string> {
  const bytes = await content.arrayBuffer();
  const digest = await digestOf(bytes);
  await inStore("readwrite", (store) => store.put(new Blob([bytes], { type: content.type }), digest));
  return digest;
}

/** The picture with a digest; undefined where this browser never had it. */
export async function pictureOf(digest: string): Promise<Blob | undefined> {
  return inStore<Blob | undefined>("readonly", (store) => store.get(digest)).catch(() => undefined);
}

/** `crypto.subtle` is there on loopback and over HTTPS alone. */
async function digestOf(bytes: ArrayBuffer): Promise<string> {
  if (!crypto.subtle) return Array.from(crypto.getRandomValues(new Uint8Array(8)), hex).join("");
  return Array.from(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)).subarray(0, 8), hex).join("");
}

const hex = (byte: number) => byte.toString(16).padStart(2, "0");

function inStore<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest): Promise<T> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open("trsllava", 1);
    opening.onupgradeneeded = () => opening.result.createObjectStore(STORE);
    opening.onerror = () => reject(opening.error);
    opening.onsuccess = () => {
      const done = act(opening.result.transaction(STORE, mode).objectStore(STORE));
      done.onsuccess = () => resolve(done.result as T);
      done.onerror = () => reject(done.error);
    };
  });
}
