// n8n's database layer calls require('sqlite3').verbose(); the fork is an ES module with a default export.
module.exports = require('@appthreat/sqlite3').default;
