export default {
  testMatch: '*.spec.js',
  workers: 1,
  reporter: 'line',
  use: {
    browserName: 'chromium',
    launchOptions: { executablePath: process.env.CHROMIUM_PATH, args: ['--no-sandbox'] },
  },
};
