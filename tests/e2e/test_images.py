"""The images, built as the Compose stack has them, and the unit tests in Docker. No container of them runs here, so that
this goes on beside other tests; the stack's test finds it all built."""

import os

from docker_engine import commit, docker, needs_docker


def test_the_images_can_be_built():
    needs_docker()
    docker("compose", "build", env={**os.environ, "MILLRACE_COMMIT": commit()})


def test_the_unit_tests_have_a_target():
    needs_docker()
    docker("build", "--target", "test", "--build-arg", f"MILLRACE_COMMIT={commit()}", ".")
