// An identity provider made of express and samlp, as their documentation puts them together.
// What it needs to know comes in the environment: PORT, KEY and CERTIFICATE (PEM), and of the
// service provider SP_ENTITY_ID, SP_ACS and SP_CERTIFICATE (PEM).
"use strict";
const express = require("express");
const samlp = require("samlp");

const { PORT, KEY, CERTIFICATE, SP_ENTITY_ID, SP_ACS, SP_CERTIFICATE } = process.env;
const EMAIL_ADDRESS = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress";
const SIGNED = {
  assertion: { signAssertion: true, signResponse: false },
  response: { signAssertion: false, signResponse: true },
  both: { signAssertion: true, signResponse: true },
};

// Whoever has typed an address into the sign-in page; nobody yet is undefined.
function person(request) {
  const cookie = /(?:^|; )samlp-person=([^;]*)/.exec(request.headers.cookie ?? "");
  return cookie ? { address: decodeURIComponent(cookie[1]) } : undefined;
}

// What is told of a person: the address, as NameID and as the claim that Microsoft's products send.
class Person {
  constructor(user) {
    this.user = user;
  }
  getClaims() {
    return { "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress": this.user.address };
  }
  getNameIdentifier() {
    return { nameIdentifier: this.user.address, nameIdentifierFormat: EMAIL_ADDRESS };
  }
}
Person.prototype.metadata = [];

const app = express();
app.use(express.urlencoded({ extended: false }));

for (const [name, signing] of Object.entries(SIGNED)) {
  const issuer = `http://localhost:${PORT}/${name}/metadata`;
  const options = {
    issuer,
    cert: CERTIFICATE,
    key: KEY,
    signingCert: SP_CERTIFICATE,
    audience: SP_ENTITY_ID,
    destination: SP_ACS,
    recipient: SP_ACS,
    ...signing,
    profileMapper: (user) => new Person(user),
    getUserFromRequest: person,
    getPostURL: (audience, request, response, callback) => callback(null, SP_ACS),
  };
  app.get(
    `/${name}/metadata`,
    samlp.metadata({
      issuer,
      cert: CERTIFICATE,
      redirectEndpointPath: `/${name}/sso`,
      postEndpointPath: `/${name}/sso`,
      profileMapper: Person,
    }),
  );
  // Without a SAMLRequest in the address it is a sign-in that begins here.
  app.get(`/${name}/sso`, (request, response, next) =>
    person(request) ? next() : response.redirect(`/login?then=${encodeURIComponent(request.originalUrl)}`),
  );
  app.get(`/${name}/sso`, samlp.auth(options));
}

app.get("/login", (request, response) =>
  response.send('<form method="post"><label>Address <input name="address"></label><button>Sign in</button></form>'),
);
app.post("/login", (request, response) =>
  response.cookie("samlp-person", request.body.address).redirect(request.query.then),
);

app.listen(Number(PORT), "127.0.0.1");
