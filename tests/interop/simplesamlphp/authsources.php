<?php
// One person, whose address comes in the environment; the password is “secret”.
$config = [
    'directory' => [
        'exampleauth:UserPass',
        'someone:secret' => ['mail' => [getenv('PERSON')]],
    ],
];
