# One image for web, worker and beat; compose.yaml says which command each runs.

FROM node:22-slim AS browser
WORKDIR /desk
COPY package.json package-lock.json .npmrc ./
RUN npm ci --no-audit --no-fund

FROM python:3.11-slim AS desk
ENV PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PATH=/packages/bin:$PATH
WORKDIR /desk
COPY requirements.txt ./
RUN python -m venv /packages && pip install --no-cache-dir --require-hashes -r requirements.txt
COPY manage.py gunicorn.conf.py ./
COPY ops ops
COPY templates templates
COPY static static
# The guides are pages of the desk.
COPY docs docs
# Icons are drawn into the pages by the server; everything else of npm goes to the browser.
COPY --from=browser /desk/node_modules/@tabler/icons/icons/outline node_modules/@tabler/icons/icons/outline
ENV STATIC_ROOT=/desk/assets MEDIA_ROOT=/attachments BIND=0.0.0.0

FROM desk AS assets
COPY --from=browser /desk/node_modules node_modules
# collectstatic reads the settings but connects to nothing: these values only let it start.
RUN PUBLIC_URL=https://desk.invalid EMAIL_URL=smtp://mail.invalid \
    SECRET_KEY=only-while-the-image-is-built-0123456789-abcdefghijklmnopqrstuvwxyz \
    DATABASE_URL=postgres://desk.invalid/ops CELERY_BROKER_URL=redis://desk.invalid CACHE_URL=redis://desk.invalid \
    python manage.py collectstatic --no-input

FROM desk
COPY --from=assets /desk/assets assets
RUN useradd --system --uid 10001 --no-create-home desk && install --directory --owner=desk --mode=750 /attachments
USER desk
VOLUME /attachments
EXPOSE 8000
CMD ["gunicorn", "ops.wsgi"]
