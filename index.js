// n8n finds the node and credential classes through the "n8n" key of package.json; there is nothing to export.
module.exports = {};
