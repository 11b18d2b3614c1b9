# The registry and the image in it. The app pulls with its identity; the registry has no password.
# shellcheck shell=bash
# shellcheck disable=SC2034

make_registry() {
  exists az acr show --name "$REGISTRY" --resource-group "$RESOURCE_GROUP" ||
    run az acr create --name "$REGISTRY" --resource-group "$RESOURCE_GROUP" --location "$(p LOCATION)" --sku Basic \
      --admin-enabled false --tags "$TAG"
  grant_app AcrPull "$REGISTRY_ID"
}

# The image's tag: the commit; with changes that are not committed, a mark of them too.
find_tag() {
  local changes
  IMAGE_TAG=$(p IMAGE_TAG)
  if [[ -z $IMAGE_TAG ]]; then
    IMAGE_TAG=$(git -C "$ROOT" rev-parse --short=12 HEAD 2>/dev/null) || fail "no git commit to name the image by; set IMAGE_TAG"
    changes=$(git -C "$ROOT" status --porcelain; git -C "$ROOT" diff HEAD)
    [[ -z $changes ]] || IMAGE_TAG+=-$(printf '%s' "$changes" | sha1sum | cut -c1-8)
  fi
  IMAGE=$REGISTRY.azurecr.io/$REPOSITORY:$IMAGE_TAG
}

has_image() { [[ $(az acr repository show-tags --name "$REGISTRY" --repository "$REPOSITORY" --output tsv 2>/dev/null) =~ (^|$'\n')"$IMAGE_TAG"($|$'\n') ]]; }

build_image() {
  if [[ $DRY_RUN == true ]]; then
    shown az acr repository show-tags --name "$REGISTRY" --repository "$REPOSITORY" --output tsv
  elif has_image; then
    say "    $IMAGE is there already"
    return
  fi
  case $(p IMAGE_BUILD) in
    cloud)
      run az acr build --registry "$REGISTRY" --image "$REPOSITORY:$IMAGE_TAG" --platform linux/amd64 \
        --build-arg "VERSION=$IMAGE_TAG" --file "$ROOT/Dockerfile" "$ROOT"
      ;;
    docker)
      run docker build --platform linux/amd64 --build-arg "VERSION=$IMAGE_TAG" --tag "$IMAGE" "$ROOT"
      run az acr login --name "$REGISTRY"
      run docker push "$IMAGE"
      ;;
    none) [[ $DRY_RUN == true ]] || fail "IMAGE_BUILD=none, but $IMAGE is not in the registry" ;;
  esac
}
