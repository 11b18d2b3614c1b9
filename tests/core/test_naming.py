"""Names are stable, unique and safe, whatever an upload is called."""

import pytest

from core import naming

ID = "media-0123456789abcdef0123456789abcdef"


@pytest.mark.parametrize("etag", ["0x8D", '"0x8D"', 'W/"0x8D"', ' "0x8D" '])
def test_the_id_of_a_job_is_the_same_however_the_etag_is_written(etag: str) -> None:
    assert naming.instance_id("uploads", "a.jpg", etag) == naming.instance_id("uploads", "a.jpg", "0x8D")
    assert naming.bare_etag(etag) == "0x8D"


def test_the_id_of_a_job_stays_the_same_in_every_version_of_the_app() -> None:
    # SHA-256 of the three with a newline between them. Another way would compress every upload once more.
    assert naming.instance_id("uploads", "a.jpg", "0x8D") == "media-f0d6d80bec3fcc2d326240515222d7f4"


def test_a_name_that_is_no_unicode_has_an_id_too() -> None:
    assert naming.is_instance_id(naming.instance_id("uploads", "\ud800.jpg", "1"))


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
    assert name.endswith("x/0123456789ab/thumb.webp")


@pytest.mark.parametrize("upload", ["a/b.jpg", "a/b.jpg.", "a/b.jpg/", "a/b.jpg./"])
def test_no_folder_of_an_output_has_an_empty_name_or_ends_in_a_dot(upload: str) -> None:
    assert naming.processed_name(upload, ID, "main", "webp") == "a/b.jpg/0123456789ab/main.webp"


def test_all_that_is_temporary_lies_in_the_folder_of_its_job() -> None:
    assert naming.temp_prefix(ID) == f"{ID}/"
    assert naming.temp_name(ID, "main", "webp") == f"{ID}/main.webp"
    assert naming.note_name(ID, "main") == f"{ID}/main.json"
    assert naming.cancel_name(ID) == f"{ID}/cancel"


def test_a_receipt_is_found_by_its_day_by_its_id_and_as_that_of_an_earlier_run() -> None:
    ended = "2026-01-31T12:00:04.512Z"
    assert naming.receipt_by_day(ID, ended) == f"2026/01/31/{ID}.json"
    assert naming.receipt_by_id(ID) == f"by-instance/{ID}.json"
    assert naming.earlier_receipt(ID, ended) == f"earlier/{ID}/{ended}.json"


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
        (
            "00000000-0000-0000-0000-000000000001/6f9619ff-8b86-d011-b42d-00c04fc964ff.png",
            "6f9619ff-8b86-d011-b42d-00c04fc964ff",
        ),
        ("step-1/holiday.jpg", None),
        ("x6f9619ff-8b86-d011-b42d-00c04fc964ff0.png", None),
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
