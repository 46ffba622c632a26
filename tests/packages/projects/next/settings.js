// The test fills in the app's id and the simulator's address before the project is built.

export const settings = { clientId: "YOUR_APP_ID", authorizeUrl: "YOUR_AUTHORIZE_URL" };
