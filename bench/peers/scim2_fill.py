"""The tables of bench/peers/scim2_site, and so many users in them: prints (id, userName) of some.

python -m bench.peers.scim2_fill 20000
"""

import json
import os
import sys
from typing import Any

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "bench.peers.scim2_site.settings"
django.setup()

from django.contrib.auth import get_user_model  # noqa: E402
from django.core.management import call_command  # noqa: E402

User: Any = get_user_model()


def main(count: int) -> None:
    call_command("migrate", run_syncdb=True, verbosity=0)
    User.objects.create_user("administrator")
    names = [f"p{number}@scim2.example" for number in range(count)]
    people = [
        User(username=name, email=name, first_name="Person", last_name=str(number), scim_id=f"s{number}")
        for number, name in enumerate(names)
    ]
    User.objects.bulk_create(people, batch_size=5000)
    step = max(1, count // 5000)
    print(json.dumps([(person.scim_id, person.username) for person in people[::step]]))


main(int(sys.argv[1]))
