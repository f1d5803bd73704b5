import { spawn } from 'node:child_process';

/** The end of a program's output that an error shows. */
const shownCharacters = 4000;

/** The process groups of what is running now. */
const running = new Set();

/** Stops every program that still runs: each is a process group of its own, which the end of this process leaves alone. */
export function stopPrograms() {
  for (const group of running) process.kill(-group, 'SIGKILL');
}

/**
 * Runs a program to its end and resolves to its exit code and output. Without `mayFail` another exit code than 0 rejects.
 * A program that takes longer than `timeoutSeconds` is stopped, with its own process group.
 */
export function runProgram(file, args, { cwd, env, timeoutSeconds = 300, mayFail = false, input } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(file, args, {
      cwd,
      env,
      stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
      detached: true,
    });
    const group = Number(child.pid);
    if (child.pid !== undefined) running.add(group);
    if (input !== undefined) child.stdin.end(input);
    const chunks = [];
    let isLate = false;
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    const timer = setTimeout(() => {
      isLate = true;
      process.kill(-group, 'SIGKILL');
    }, timeoutSeconds * 1000);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      running.delete(group);
      clearTimeout(timer);
      const output = Buffer.concat(chunks).toString('utf8');
      if (!isLate && (code === 0 || mayFail)) return resolve({ code, output });
      const ended = isLate ? `did not end within ${timeoutSeconds} s` : `ended with ${code}`;
      reject(new Error(`${[file, ...args].join(' ')} ${ended}:\n${output.slice(-shownCharacters)}`));
    });
  });
}
