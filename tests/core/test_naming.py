"""Names are stable, unique and safe, whatever an upload is called."""

import pytest

from core import naming

ID = "media-0123456789abcdef0123456789abcdef"


def test_the_id_of_a_job_is_the_same_however_the_etag_is_written() -> None:
    assert naming.instance_id("uploads", "a.jpg", '"0x8D"') == naming.instance_id("uploads", "a.jpg", "0x8D")
    assert naming.is_instance_id(naming.instance_id("uploads", "a.jpg", 'W/"0x8D"'))


@pytest.mark.parametrize("other", [("uploads", "a.jpg", "2"), ("uploads", "b.jpg", "1"), ("temp", "a.jpg", "1")])
def test_another_version_name_or_container_is_another_job(other: tuple[str, str, str]) -> None:
    assert naming.instance_id("uploads", "a.jpg", "1") != naming.instance_id(*other)


def test_a_separator_in_a_name_does_not_make_two_jobs_one() -> None:
    assert naming.instance_id("uploads", "a/b", "1") != naming.instance_id("uploads/a", "b", "1")


def test_an_output_is_named_after_its_upload_and_version() -> None:
    assert naming.processed_name("a/b.jpg", ID, "main", "webp") == "a/b.jpg/0123456789ab/main.webp"


def test_the_output_of_the_longest_upload_name_still_fits() -> None:
    name = naming.processed_name("x" * 1024, ID, "thumb", "webp")
    assert len(name) == 1024
    assert name.endswith("/0123456789ab/thumb.webp")


@pytest.mark.parametrize(
    ("blob_name", "expected"),
    [
        ("step-42-1716200000000.jpg", "42"),
        ("step-42-1716200000000-k3j9x2.jpg", "42"),
        ("step-a-b-c-1716200000000.mp4", "a-b-c"),
        ("site/step-7-1716200000000.mov", "7"),
        ("6F9619FF-8B86-D011-B42D-00C04FC964FF.png", "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
        ("step-6f9619ff-8b86-d011-b42d-00c04fc964ff-1716200000000.png", "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
        ("6f9619ff-8b86-d011-b42d-00c04fc964ff/photo.png", "6f9619ff-8b86-d011-b42d-00c04fc964ff"),
        ("holiday.jpg", None),
        ("step-.jpg", None),
        ("step-../../admin-1716200000000.jpg", None),
        ("step-a b-1716200000000.jpg", None),
        ("step-1-2.jpg", None),
    ],
)
def test_a_step_is_found_in_the_name_or_not_at_all(blob_name: str, expected: str | None) -> None:
    assert naming.step_id(blob_name) == expected


@pytest.mark.parametrize("text", ["", "media-xyz", ID + "0", ID.upper(), f"{ID}\n", "../" + ID])
def test_only_ids_of_ours_may_reach_the_durable_client(text: str) -> None:
    assert not naming.is_instance_id(text)
