import { readdirSync, readFileSync } from 'node:fs';

/**
 * Holds a process still, with its sockets open, until the returned function is called. When it returns, every thread has stopped: the
 * signal alone only asks for that, and a busy machine lets one of them answer meanwhile.
 */
export function holdProcess(processId: number): () => void {
  process.kill(processId, 'SIGSTOP');
  while (!isStopped(processId));
  return () => process.kill(processId, 'SIGCONT');
}

function isStopped(processId: number): boolean {
  const tasks = `/proc/${processId}/task`;
  // The state stands after the name, which may have brackets itself.
  return readdirSync(tasks).every((task) => /\) [Tt] [^)]*$/.test(readFileSync(`${tasks}/${task}/stat`, 'utf8')));
}
