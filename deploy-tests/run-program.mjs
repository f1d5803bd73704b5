import { spawn } from 'node:child_process';

/** The end of a program's output that an error shows. */
const shownCharacters = 4000;

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
    if (input !== undefined) child.stdin.end(input);
    const chunks = [];
    let isLate = false;
    child.stdout.on('data', (chunk) => chunks.push(chunk));
    child.stderr.on('data', (chunk) => chunks.push(chunk));
    const timer = setTimeout(() => {
      isLate = true;
      process.kill(-Number(child.pid), 'SIGKILL');
    }, timeoutSeconds * 1000);
    child.once('error', (error) => {
      clearTimeout(timer);
      reject(error);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      const output = Buffer.concat(chunks).toString('utf8');
      if (!isLate && (code === 0 || mayFail)) return resolve({ code, output });
      const ended = isLate ? `did not end within ${timeoutSeconds} s` : `ended with ${code}`;
      reject(new Error(`${[file, ...args].join(' ')} ${ended}:\n${output.slice(-shownCharacters)}`));
    });
  });
}
