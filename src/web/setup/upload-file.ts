import { CodedError } from '../../protocol/errors.ts';
import { ImportJob, type UploadQuery } from '../../protocol/imports.ts';
import { toCodedError } from '../ui/api.ts';

/**
 * Uploads a file. `fetch` does not say how far an upload is, so this is an XMLHttpRequest.
 * @param onProgress how much is sent, 0 to 1.
 * @throws CodedError of the server; an `AbortError` when it was cancelled.
 */
export function uploadFile(
  file: File,
  query: Omit<UploadQuery, 'fileName'>,
  { onProgress, signal }: { onProgress: (sent: number) => void; signal: AbortSignal },
): Promise<ImportJob> {
  const params = new URLSearchParams({ fileName: file.name.slice(0, 200), ...query });
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/imports?${params}`);
    request.setRequestHeader('content-type', 'text/csv');
    request.upload.onprogress = ({ loaded, total }) => onProgress(total === 0 ? 0 : loaded / total);
    request.onload = () => {
      const body = parse(request.responseText);
      if (request.status === 201) resolve(ImportJob.parse(body));
      else reject(toCodedError(request.status, body));
    };
    request.onerror = () => reject(new CodedError('server-unreachable'));
    request.onabort = () => reject(new DOMException('cancelled', 'AbortError'));
    signal.addEventListener('abort', () => request.abort());
    request.send(file);
  });
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
