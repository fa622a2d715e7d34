<?php
// SimpleSAMLphp as an identity provider for make interop. PORT and FOLDER (keys, sessions, the
// site's SP metadata) come in the environment; nothing here is a secret, for nobody real signs in.
$config = [
    'baseurlpath' => 'http://localhost:' . getenv('PORT') . '/',
    'certdir' => getenv('FOLDER') . '/',
    'loggingdir' => getenv('FOLDER') . '/',
    'datadir' => getenv('FOLDER') . '/',
    'tempdir' => getenv('FOLDER') . '/',
    'technicalcontact_email' => 'nobody@example.com',
    'timezone' => 'UTC',
    'secretsalt' => 'not-a-secret-for-nobody-real-signs-in-here',
    'auth.adminpassword' => 'not-a-secret-either',
    'admin.checkforupdates' => false,
    'logging.handler' => 'file',
    'enable.saml20-idp' => true,
    'module.enable' => ['exampleauth' => true, 'core' => true, 'saml' => true],
    'store.type' => 'phpsession',
    'session.cookie.secure' => false,
    'session.phpsession.savepath' => getenv('FOLDER') . '/',
    'session.phpsession.cookiename' => 'interop-simplesamlphp',
    'session.authtoken.cookiename' => 'interop-simplesamlphp-token',
    'language.available' => ['en'],
    'language.default' => 'en',
    'theme.use' => 'default',
    'metadata.sources' => [
        ['type' => 'flatfile'],
        // What the site says of itself, read as it is.
        ['type' => 'xml', 'file' => getenv('FOLDER') . '/sp.xml'],
    ],
    'metadatadir' => __DIR__ . '/metadata/',
];
